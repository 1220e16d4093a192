import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';

export const EXECUTION_ID = /^[\w.-]{1,128}$/;

export class ExecutionIdParam {
  @ApiProperty({
    description: 'The `job_id` of the execution.',
    example: '01935d2e-7c1a-7000-8000-000000000000',
  })
  @Matches(EXECUTION_ID, { message: 'must be 1 to 128 letters, digits, dots, underscores or hyphens' })
  readonly job_id!: string;
}
