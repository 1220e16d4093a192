/** The id of a job in a path. */
import { ApiProperty } from '@nestjs/swagger';
import { IsJobId } from '../../common/validation/fields';

export class JobIdParam {
  @ApiProperty({
    description: 'The job_id that the upload gave.',
    format: 'uuid',
    example: '01935d2e-7c1a-7000-8000-000000000000',
  })
  @IsJobId()
  readonly job_id!: string;
}
