/** A request ends with a problem of the catalogue: thrown anywhere, turned into the answer by the problem filter. */
import { HttpException } from '@nestjs/common';
import { PROBLEMS, type ProblemCode } from './catalogue';

export interface FieldError {
  /** The path of the field, or `body`. */
  readonly field: string;
  readonly message: string;
}

export interface ProblemOptions {
  readonly errors?: readonly FieldError[];
  /** The status of the job that stands in the way. */
  readonly currentStatus?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the log alone. */
  readonly cause?: unknown;
}

export class ProblemException extends HttpException {
  constructor(
    readonly code: ProblemCode,
    /** One public sentence about this occurrence; it must say nothing internal. */
    readonly detail: string,
    readonly extras: ProblemOptions = {},
  ) {
    super(detail, PROBLEMS[code].status, { cause: extras.cause });
  }
}

/** `validation-failed` for one field. */
export const invalidFieldProblem = (field: string, message: string): ProblemException =>
  new ProblemException('validation-failed', `${field} ${message}.`, { errors: [{ field, message }] });
