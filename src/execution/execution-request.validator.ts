/** What the DTO of a request to execute cannot know: limits that are settings, and how fields go together. */
import { Injectable } from '@nestjs/common';
import { inputBytesOf } from '../engine-contract/inputs';
import { ProblemException, invalidFieldProblem } from '../common/problems/problem.exception';
import { WebhookSettings, ExecutionSettings } from '../config/settings';
import { assertCallbackAllowed } from './webhooks/callback-url';
import { type ExecuteRequest, TIMEOUT_MS_DEFAULT } from './dto/execute.request.dto';

export interface ValidatedExecution {
  readonly input: string;
  readonly inputs: readonly string[] | undefined;
  readonly timeoutMs: number;
  readonly callbackUrl: string | null;
}

@Injectable()
export class ExecutionRequestValidator {
  constructor(
    private readonly settings: ExecutionSettings,
    private readonly callbacks: WebhookSettings,
  ) {}

  /** @throws ProblemException `payload-too-large`, `validation-failed` */
  validate(request: ExecuteRequest): ValidatedExecution {
    const { inputBytesMax, timeoutMsMax } = this.settings;
    const { input = '', inputs, timeout = Math.min(TIMEOUT_MS_DEFAULT, timeoutMsMax) } = request;
    if (inputBytesOf(inputs ?? [input]) > inputBytesMax) {
      const what = inputs ? 'The inputs together are' : 'The input is';
      throw new ProblemException(
        'payload-too-large',
        `${what} larger than ${inputBytesMax.toString()} bytes.`,
      );
    }
    if (timeout > timeoutMsMax)
      throw invalidFieldProblem('timeout', `must not be greater than ${timeoutMsMax.toString()}`);
    if (request.callback_url !== undefined) assertCallbackAllowed(request.callback_url, this.callbacks);
    return { input, inputs, timeoutMs: timeout, callbackUrl: request.callback_url ?? null };
  }
}
