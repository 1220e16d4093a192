import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { PROBLEMS, type ProblemCode } from './catalogue';
import { ProblemBody } from './problem.body';

/** Documents the problems of an endpoint in OpenAPI: one response per status, one example per code. */
export function ApiProblems(...codes: ProblemCode[]): MethodDecorator & ClassDecorator {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of [...codes, 'internal-error' as const]) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return applyDecorators(
    ApiExtraModels(ProblemBody),
    ...[...byStatus].map(([status, group]) =>
      ApiResponse({
        status,
        description: group.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join('\n\n'),
        ...(group.some((code) => CODES_WITH_RETRY_AFTER.includes(code)) && { headers: RETRY_AFTER_HEADER }),
        content: {
          'application/problem+json': {
            schema: { $ref: getSchemaPath(ProblemBody) },
            examples: Object.fromEntries(group.map((code) => [code, { value: createExample(code) }])),
          },
        },
      }),
    ),
  );
}

function createExample(code: ProblemCode): ProblemBody {
  return {
    type: `/problems/${code}`,
    title: PROBLEMS[code].title,
    status: PROBLEMS[code].status,
    detail: PROBLEMS[code].explanation,
    instance: '/',
    code,
    request_id: '01935d2e-7c1a-7000-8000-000000000000',
    ...EXAMPLE_FIELDS[code],
  };
}

/** `timeuot` is a field of no endpoint, so the example is correct for all of them. */
const EXAMPLE_FIELDS: Readonly<Partial<Record<ProblemCode, Partial<ProblemBody>>>> = {
  'validation-failed': {
    detail: 'Invalid fields: timeuot.',
    errors: [{ field: 'timeuot', message: 'is not a known field' }],
  },
  'job-already-running': { current_status: 'RUNNING' },
  'job-already-finished': { current_status: 'SUCCESS' },
};

const CODES_WITH_RETRY_AFTER: readonly ProblemCode[] = ['engine-busy', 'shutting-down'];
const RETRY_AFTER_HEADER = {
  'Retry-After': {
    description:
      'The number of seconds to wait before the next attempt. Sent with `engine-busy` and `shutting-down`.',
    schema: { type: 'integer' as const },
    example: 1,
  },
};
