import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import { IsOptionalNonNull } from '../../common/validation/fields';

export class EventsQuery {
  @ApiPropertyOptional({
    description:
      'The same as the header Last-Event-ID, for clients that cannot set headers. The header takes precedence.',
  })
  @IsOptionalNonNull()
  @IsString()
  readonly last_event_id?: string;
}
