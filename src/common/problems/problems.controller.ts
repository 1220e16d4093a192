import { Controller, Get, Module, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProperty, ApiTags } from '@nestjs/swagger';
import { NoQuery } from '../validation/no-query';
import { ApiProblems } from './api-problems.decorator';
import { PROBLEMS, PROBLEM_CODES, type ProblemCode, isProblemCode } from './catalogue';
import { ProblemException } from './problem.exception';

class ProblemDescription {
  @ApiProperty({
    description: 'The stable code of the problem, for programs.',
    enum: PROBLEM_CODES,
    example: 'job-not-found',
  })
  readonly code!: ProblemCode;
  @ApiProperty({
    description: 'The `type` of responses with this problem.',
    example: '/problems/job-not-found',
  })
  readonly type!: string;
  @ApiProperty({ description: 'The HTTP status code of the response.', type: 'integer', example: 404 })
  readonly status!: number;
  @ApiProperty({ description: 'What happened, in one sentence.', example: 'The job does not exist' })
  readonly title!: string;
  @ApiProperty({ description: 'What a client can do about it.', example: 'No job has this id.' })
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
  @ApiOperation({ operationId: 'listProblems', summary: 'List every problem that the API can return' })
  @ApiOkResponse({ description: 'All problems.', type: [ProblemDescription] })
  @ApiProblems('validation-failed')
  list(@Query() _query: NoQuery): ProblemDescription[] {
    return PROBLEM_CODES.map(describeProblem);
  }

  @Get(':code')
  @ApiParam({
    name: 'code',
    description: 'The `code` of a problem.',
    schema: { type: 'string', example: 'job-not-found' },
  })
  @ApiOperation({ operationId: 'getProblem', summary: 'Explain one problem' })
  @ApiOkResponse({ description: 'The problem.', type: ProblemDescription })
  @ApiProblems('validation-failed', 'route-not-found')
  explain(@Param('code') code: string, @Query() _query: NoQuery): ProblemDescription {
    return getProblem(code);
  }
}

@Module({ controllers: [ProblemsController] })
export class ProblemsModule {}
