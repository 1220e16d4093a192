import { ApiProperty } from '@nestjs/swagger';
import { JobSummary } from './job.response.dto';

export class ListResponse {
  @ApiProperty({ description: 'The jobs of this page, newest first.', type: [JobSummary] })
  readonly jobs!: readonly JobSummary[];
  @ApiProperty({
    description: 'Send it as `cursor`, with the same filters, to get the next page; null on the last page.',
    type: String,
    nullable: true,
    example: null,
  })
  readonly next_cursor!: string | null;
}
