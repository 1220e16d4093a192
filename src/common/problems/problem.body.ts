import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PROBLEMS, PROBLEM_CODES, type ProblemCode } from './catalogue';
import type { ProblemException } from './problem.exception';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';

export class FieldErrorBody {
  @ApiProperty({ description: 'The path of the invalid field.', example: 'timeout' })
  readonly field!: string;
  @ApiProperty({ description: 'What is wrong with it.', example: 'must be an integer' })
  readonly message!: string;
}

/** A problem as a response body (RFC 9457). */
export class ProblemBody {
  @ApiProperty({
    description: 'The URL of the explanation of this problem.',
    format: 'uri-reference',
    example: '/problems/validation-failed',
  })
  readonly type!: string;
  @ApiProperty({
    description: 'A summary that is the same for every occurrence of this problem.',
    example: 'The request is not valid',
  })
  readonly title!: string;
  @ApiProperty({ description: 'The HTTP status code.', type: 'integer', example: 400 })
  readonly status!: number;
  @ApiProperty({ description: 'What happened in this request.', example: 'timeout must be an integer.' })
  readonly detail!: string;
  @ApiProperty({ description: 'The path of the request.', example: '/api/upload' })
  readonly instance!: string;
  @ApiProperty({
    description: 'The stable code of the problem, for programs.',
    enum: PROBLEM_CODES,
    example: 'validation-failed',
  })
  readonly code!: ProblemCode;
  @ApiProperty({
    description: 'The X-Request-Id of the response.',
    example: '01935d2e-7c1a-7000-8000-000000000000',
  })
  readonly request_id!: string;
  @ApiPropertyOptional({ description: 'Every invalid field.', type: [FieldErrorBody] })
  readonly errors?: readonly FieldErrorBody[];
  @ApiPropertyOptional({
    description: 'The current status of the job, which prevents the operation.',
    example: 'RUNNING',
  })
  readonly current_status?: string;

  static from(problem: ProblemException, instance: string, requestId: string): ProblemBody {
    return {
      type: `/problems/${problem.code}`,
      title: PROBLEMS[problem.code].title,
      status: PROBLEMS[problem.code].status,
      detail: problem.detail,
      instance,
      code: problem.code,
      request_id: requestId,
      ...(problem.extras.errors && { errors: problem.extras.errors }),
      ...(problem.extras.currentStatus && { current_status: problem.extras.currentStatus }),
    };
  }
}
