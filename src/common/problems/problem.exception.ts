import { HttpException } from '@nestjs/common';
import { PROBLEMS, type ProblemCode } from './catalogue';

export interface FieldError {
  /** The path of the field, or `body`. */
  readonly field: string;
  readonly message: string;
}

export interface ProblemExtras {
  readonly errors?: readonly FieldError[];
  /** The current status of the job, when it prevents the operation. */
  readonly currentStatus?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Goes to the log and never into the response. */
  readonly cause?: unknown;
}

/** Fails a request with a problem of the catalogue. ProblemFilter turns it into the response. */
export class ProblemException extends HttpException {
  constructor(
    readonly code: ProblemCode,
    /** One sentence about this occurrence for the client, without internals. */
    readonly detail: string,
    readonly extras: ProblemExtras = {},
  ) {
    super(detail, PROBLEMS[code].status, { cause: extras.cause });
  }
}

/** `validation-failed` for one field. */
export const invalidFieldProblem = (field: string, message: string): ProblemException =>
  new ProblemException('validation-failed', `${field} ${message}.`, { errors: [{ field, message }] });
