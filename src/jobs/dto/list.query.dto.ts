/** How a list of jobs is narrowed and paged. */
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsString, Length, Max, Min } from 'class-validator';
import { MayBeAbsent, QueryInteger } from '../../common/validation/fields';
import { JOB_STATUSES, type JobStatus } from '../job';

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
    example: 'AZNdLnwacACAAAAAAAAAAE1-_rpV2gkP',
  })
  @MayBeAbsent()
  @IsString()
  @Length(1, 256)
  readonly cursor?: string;

  @ApiPropertyOptional({ description: 'Only jobs in this status.', enum: JOB_STATUSES, example: 'SUCCESS' })
  @MayBeAbsent()
  @IsIn(JOB_STATUSES)
  readonly status?: JobStatus;

  @ApiPropertyOptional({ description: 'Only jobs of this language (id or alias).', example: 'python' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 32)
  readonly language?: string;

  @ApiPropertyOptional({ description: 'Only jobs of this project.', example: 'demo' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 64)
  readonly project?: string;
}
