/** How a list of jobs is narrowed and paged. No filter has an example: Swagger UI would fill in and send all of them. */
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsString, Length, Max, Min } from 'class-validator';
import { IsOptionalNonNull, QueryInteger } from '../../common/validation/fields';
import { JOB_STATUSES, type JobStatus } from '../job';
import { IsProjectName, PROJECT_NAME } from './project-name';

export class ListQuery {
  @ApiPropertyOptional({
    description: 'Jobs on a page.',
    type: 'integer',
    minimum: 1,
    maximum: 1000,
    default: 100,
  })
  @QueryInteger()
  @IsInt()
  @Min(1)
  @Max(1000)
  readonly limit: number = 100;

  @ApiPropertyOptional({
    description: 'The next_cursor of the page before, with the same filters.',
    minLength: 1,
    maxLength: 256,
  })
  @IsOptionalNonNull()
  @IsString()
  @Length(1, 256)
  readonly cursor?: string;

  @ApiPropertyOptional({ description: 'Only jobs in this status.', enum: JOB_STATUSES })
  @IsOptionalNonNull()
  @IsIn(JOB_STATUSES)
  readonly status?: JobStatus;

  @ApiPropertyOptional({
    description: 'Only jobs of this language: an id or an alias, like python or py.',
    minLength: 1,
    maxLength: 32,
  })
  @IsOptionalNonNull()
  @IsString()
  @Length(1, 32)
  readonly language?: string;

  @ApiPropertyOptional({ description: 'Only jobs of this project.', pattern: PROJECT_NAME.source })
  @IsOptionalNonNull()
  @IsProjectName()
  readonly project?: string;
}
