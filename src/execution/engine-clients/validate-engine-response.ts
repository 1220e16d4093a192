import { type ClassConstructor, plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { invalidResponseProblem } from './engine-problems';

/**
 * Checks a response of an engine and removes the fields that `type` does not declare.
 * @throws ProblemException `engine-error`
 */
export function validateEngineResponse<T extends object>(type: ClassConstructor<T>, value: unknown): T {
  if (typeof value !== 'object' || value === null) throw invalidResponseProblem('the body is not an object');
  const body = plainToInstance(type, value);
  const errors = validateSync(body, { whitelist: true });
  if (errors.length === 0) return body;
  throw invalidResponseProblem('fields are missing or invalid', new Error(errors.map(String).join('; ')));
}
