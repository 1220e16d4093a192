import { Injectable } from '@nestjs/common';
import { inputBytesOf } from '../../engine-contract/inputs';
import { ProblemException, invalidFieldProblem } from '../../common/problems/problem.exception';
import { EngineSettings } from '../../config/settings';
import type { ExecutionRequest } from '../../engine-contract/execution-request';
import { LIMIT_NAMES, REQUEST_LIMITS, maximumOf } from '../request-limits';

/** Checks requests against the settings of this engine, which gateways do not know. */
@Injectable()
export class RequestValidator {
  constructor(private readonly settings: EngineSettings) {}

  /** @throws ProblemException `payload-too-large`, `validation-failed` */
  validate(request: ExecutionRequest): ExecutionRequest {
    const { code, input, inputs } = request;
    checkSize('The code is', Buffer.byteLength(code), this.settings.codeBytesMax);
    if (inputs) checkSize('The inputs together are', inputBytesOf(inputs), this.settings.inputBytesMax);
    else checkSize('The input is', Buffer.byteLength(input), this.settings.inputBytesMax);
    checkMaximum('timeout', request.timeoutMs, this.settings.timeoutMsMax);
    for (const name of LIMIT_NAMES) {
      const maximum = maximumOf(name, this.settings);
      checkMaximum(`limits.${REQUEST_LIMITS[name].field}`, request.limits?.[name] ?? 0, maximum);
    }
    return request;
  }
}

function checkSize(what: string, bytes: number, bytesMax: number): void {
  if (bytes <= bytesMax) return;
  throw new ProblemException('payload-too-large', `${what} larger than ${bytesMax.toString()} bytes.`);
}

function checkMaximum(field: string, value: number, maximum: number): void {
  if (value > maximum) throw invalidFieldProblem(field, `must not be greater than ${maximum.toString()}`);
}
