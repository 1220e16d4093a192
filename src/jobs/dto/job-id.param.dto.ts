import { ApiProperty } from '@nestjs/swagger';
import { IsJobId } from '../../common/validation/fields';

export class JobIdParam {
  @ApiProperty({
    // No example: Swagger UI would fill it in, and every call would return 404.
    description: 'The `job_id` that the upload returned, such as 01935d2e-7c1a-7000-8000-000000000000.',
    format: 'uuid',
  })
  @IsJobId()
  readonly job_id!: string;
}
