import { type ArgumentMetadata, Injectable, ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { type FieldError, ProblemException, invalidFieldProblem } from '../problems/problem.exception';
import { checkFields } from './known-fields';
import { OPTIONAL_BODY } from './optional-body';

/** Validates bodies, queries and path parameters, and reports all invalid fields in one problem. */
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
    const input = metadata.type === 'body' ? requireJsonObject(value, metadata) : value;
    if (typeof input !== 'object' || input === null) return super.transform(input, metadata);
    const { known, errors } = checkFields(metadata.metatype, input);
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

/** @throws ProblemException when a required body is missing or the body is not a JSON object */
function requireJsonObject(body: unknown, { metatype }: ArgumentMetadata): unknown {
  if (body === undefined) {
    if (metatype && Reflect.hasMetadata(OPTIONAL_BODY, metatype)) return {};
    throw new ProblemException('malformed-json', 'The body is empty. Send a JSON object.');
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
    // class-validator starts its default messages with the name of the property.
    message:
      constraint === 'whitelistValidation'
        ? 'is not a known field'
        : message.replace(`${error.property} `, ''),
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => toFieldErrors(child, field))];
}

function validationProblem(errors: readonly FieldError[]): ProblemException {
  const fields = [...new Set(errors.map(({ field }) => field))];
  return new ProblemException(
    'validation-failed',
    `Invalid fields: ${fields.join(', ')}.`.slice(0, DETAIL_LENGTH_MAX),
    {
      errors,
    },
  );
}

const DETAIL_LENGTH_MAX = 500;
