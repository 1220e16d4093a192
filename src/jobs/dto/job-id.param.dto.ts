/** The id of a job in a path. */
import { ApiProperty } from '@nestjs/swagger';
import { IsJobId } from '../../common/validation/fields';

export class JobIdParam {
  @ApiProperty({
    // No example: Swagger UI would fill it in, and every call would miss.
    description: 'The job_id that the upload gave, like 01935d2e-7c1a-7000-8000-000000000000.',
    format: 'uuid',
  })
  @IsJobId()
  readonly job_id!: string;
}
