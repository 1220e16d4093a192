/** Checks bodies, queries and path parameters; names every field at fault in one problem. */
import { type ArgumentMetadata, Injectable, ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { type FieldError, ProblemException, invalidFieldProblem } from '../problems/problem.exception';
import { checkFields } from './known-fields';
import { OPTIONAL_BODY } from './optional-body';

@Injectable()
export class RequestValidationPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      exceptionFactory: (errors) => validationProblem(errors.flatMap((error) => toFieldErrors(error))),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    // Parameter decorators of this code base return values that they have checked themselves.
    if (metadata.type === 'custom') return value;
    const given = metadata.type === 'body' ? requireJsonObject(value, metadata) : value;
    if (typeof given !== 'object' || given === null) return super.transform(given, metadata);
    const { known, errors } = checkFields(metadata.metatype, given);
    if (errors.length === 0) return super.transform(known, metadata);
    throw validationProblem([...errors, ...(await this.validationErrors(known, metadata))]);
  }

  private async validationErrors(known: object, metadata: ArgumentMetadata): Promise<readonly FieldError[]> {
    try {
      await super.transform(known, metadata);
      return [];
    } catch (error) {
      if (error instanceof ProblemException) return error.extras.errors ?? [];
      throw error;
    }
  }
}

/** @throws ProblemException when the body is missing where one is needed, or is no JSON object */
function requireJsonObject(body: unknown, { metatype }: ArgumentMetadata): unknown {
  if (body === undefined) {
    if (metatype && Reflect.hasMetadata(OPTIONAL_BODY, metatype)) return {};
    throw new ProblemException('malformed-json', 'The body is empty; a JSON object is expected.');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalidFieldProblem('body', 'must be a JSON object');
  }
  return body;
}

function toFieldErrors(error: ValidationError, parent = ''): FieldError[] {
  const field = parent === '' ? error.property : `${parent}.${error.property}`;
  const own = Object.entries(error.constraints ?? {}).map(([constraint, message]) => ({
    field,
    // class-validator begins its own sentences with the name of the property.
    message:
      constraint === 'whitelistValidation' ? 'is not known here' : message.replace(`${error.property} `, ''),
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => toFieldErrors(child, field))];
}

function validationProblem(errors: readonly FieldError[]): ProblemException {
  const fields = [...new Set(errors.map(({ field }) => field))];
  return new ProblemException('validation-failed', `Not valid: ${fields.join(', ')}.`.slice(0, DETAIL_MAX), {
    errors,
  });
}

const DETAIL_MAX = 500;
