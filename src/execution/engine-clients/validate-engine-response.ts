/** Checks what an engine answers before anything is done with it. */
import { type ClassConstructor, plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { ProblemException } from '../../common/problems/problem.exception';

/** Removes fields that the type does not declare. @throws ProblemException `engine-error` */
export function validateEngineResponse<T extends object>(type: ClassConstructor<T>, value: unknown): T {
  const body = plainToInstance(type, value);
  const faults =
    typeof value === 'object' && value !== null ? validateSync(body, { whitelist: true }) : ['no object'];
  if (faults.length === 0) return body;
  throw new ProblemException('engine-error', 'The engine answered nonsense: a body without its fields.', {
    cause: new Error(faults.map(String).join('; ')),
  });
}
