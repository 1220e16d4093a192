import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsString, Length, Max, Min } from 'class-validator';
import { IsOptionalNonNull, QueryInteger } from '../../common/validation/fields';
import { JOB_STATUSES, type JobStatus } from '../job';
import { IsProjectName, PROJECT_NAME } from './project-name';

/** Filters and paging of a list of jobs. No filter has an example, because Swagger UI would send all of them. */
export class ListQuery {
  @ApiPropertyOptional({
    description: 'The maximum number of jobs on a page.',
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
    description: 'The `next_cursor` of the previous page. Send the same filters again.',
    minLength: 1,
    maxLength: 256,
  })
  @IsOptionalNonNull()
  @IsString()
  @Length(1, 256)
  readonly cursor?: string;

  @ApiPropertyOptional({ description: 'Lists only jobs with this status.', enum: JOB_STATUSES })
  @IsOptionalNonNull()
  @IsIn(JOB_STATUSES)
  readonly status?: JobStatus;

  @ApiPropertyOptional({
    description: 'Lists only jobs in this language: an id or an alias, such as `python` or `py`.',
    minLength: 1,
    maxLength: 32,
  })
  @IsOptionalNonNull()
  @IsString()
  @Length(1, 32)
  readonly language?: string;

  @ApiPropertyOptional({ description: 'Lists only jobs of this project.', pattern: PROJECT_NAME.source })
  @IsOptionalNonNull()
  @IsProjectName()
  readonly project?: string;
}
