import { Injectable } from '@nestjs/common';
import { inputBytesOf } from '../engine-contract/inputs';
import { ProblemException, invalidFieldProblem } from '../common/problems/problem.exception';
import { WebhookSettings, ExecutionSettings } from '../config/settings';
import { assertCallbackUrlAllowed } from './webhooks/callback-url';
import { type ExecuteRequest, TIMEOUT_MS_DEFAULT } from './dto/execute.request.dto';

export interface ValidatedExecution {
  readonly input: string;
  readonly inputs: readonly string[] | undefined;
  /** Milliseconds of wall time of each run. */
  readonly timeoutMs: number;
  readonly callbackUrl: string | null;
}

/** Checks what the DTO cannot: limits that come from the settings. */
@Injectable()
export class ExecutionRequestValidator {
  constructor(
    private readonly settings: ExecutionSettings,
    private readonly webhookSettings: WebhookSettings,
  ) {}

  /**
   * Validates the request and fills in the defaults.
   * @throws ProblemException `payload-too-large`, `validation-failed`
   */
  validate(request: ExecuteRequest): ValidatedExecution {
    const { inputBytesMax, timeoutMsMax } = this.settings;
    const { input = '', inputs, timeout = Math.min(TIMEOUT_MS_DEFAULT, timeoutMsMax) } = request;
    if (inputBytesOf(inputs ?? [input]) > inputBytesMax) {
      const subject = inputs ? 'The inputs together are' : 'The input is';
      throw new ProblemException(
        'payload-too-large',
        `${subject} larger than ${inputBytesMax.toString()} bytes.`,
      );
    }
    if (timeout > timeoutMsMax)
      throw invalidFieldProblem('timeout', `must not be greater than ${timeoutMsMax.toString()}`);
    if (request.callback_url !== undefined)
      assertCallbackUrlAllowed(request.callback_url, this.webhookSettings);
    return { input, inputs, timeoutMs: timeout, callbackUrl: request.callback_url ?? null };
  }
}
