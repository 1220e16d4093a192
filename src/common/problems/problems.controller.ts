/** The catalogue for people and programs: what `type` of a problem leads to. */
import { Controller, Get, Module, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProperty, ApiTags } from '@nestjs/swagger';
import { NoQuery } from '../validation/no-query';
import { ApiProblems } from './api-problems.decorator';
import { PROBLEMS, PROBLEM_CODES, type ProblemCode, isProblemCode } from './catalogue';
import { ProblemException } from './problem.exception';

class ProblemDescription {
  @ApiProperty({ description: 'Stable; made for programs.', enum: PROBLEM_CODES, example: 'job-not-found' })
  readonly code!: ProblemCode;
  @ApiProperty({
    description: 'The `type` of answers with this problem.',
    example: '/problems/job-not-found',
  })
  readonly type!: string;
  @ApiProperty({ description: 'The HTTP status that goes with it.', type: 'integer', example: 404 })
  readonly status!: number;
  @ApiProperty({ description: 'What happened.', example: 'There is no such job' })
  readonly title!: string;
  @ApiProperty({ description: 'What to do about it.', example: 'No job has this id.' })
  readonly explanation!: string;
}

const describeProblem = (code: ProblemCode): ProblemDescription => ({
  code,
  type: `/problems/${code}`,
  ...PROBLEMS[code],
});

function getProblem(code: string): ProblemDescription {
  if (!isProblemCode(code)) throw new ProblemException('route-not-found', 'No problem has this code.');
  return describeProblem(code);
}

@ApiTags('service')
@Controller('problems')
export class ProblemsController {
  @Get()
  @ApiOperation({ operationId: 'listProblems', summary: 'List every problem that this API answers with' })
  @ApiOkResponse({ description: 'The catalogue.', type: [ProblemDescription] })
  @ApiProblems('validation-failed')
  list(@Query() _query: NoQuery): ProblemDescription[] {
    return PROBLEM_CODES.map(describeProblem);
  }

  @Get(':code')
  @ApiParam({
    name: 'code',
    description: 'The `code` of an answer.',
    schema: { type: 'string', example: 'job-not-found' },
  })
  @ApiOperation({ operationId: 'getProblem', summary: 'Explain one problem' })
  @ApiOkResponse({ description: 'The explanation.', type: ProblemDescription })
  @ApiProblems('validation-failed', 'route-not-found')
  explain(@Param('code') code: string, @Query() _query: NoQuery): ProblemDescription {
    return getProblem(code);
  }
}

@Module({ controllers: [ProblemsController] })
export class ProblemsModule {}
