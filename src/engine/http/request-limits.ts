/** Holds requests to the engine's own settings, which only the engine knows. */
import { Injectable } from '@nestjs/common';
import { inputBytesOf } from '../../engine-contract/inputs';
import { ProblemException, invalidFieldProblem } from '../../common/problems/problem.exception';
import { EngineSettings } from '../../config/settings';
import type { EngineRequest, RequestedLimits } from '../../engine-contract/engine.request';

@Injectable()
export class RequestLimits {
  constructor(private readonly settings: EngineSettings) {}

  /** @throws ProblemException `payload-too-large`, `validation-failed` */
  check(request: EngineRequest): EngineRequest {
    const { code, input, inputs } = request;
    checkSize('The code is', Buffer.byteLength(code), this.settings.codeBytesMax);
    if (inputs) checkSize('The inputs together are', inputBytesOf(inputs), this.settings.inputBytesMax);
    else checkSize('The input is', Buffer.byteLength(input), this.settings.inputBytesMax);
    checkMost('timeout', request.timeoutMs, this.settings.timeoutMsMax);
    for (const [name, field] of Object.entries(FIELDS) as [keyof RequestedLimits, string][]) {
      checkMost(field, request.limits?.[name] ?? 0, this.most(name));
    }
    return request;
  }

  private most(limit: keyof RequestedLimits): number {
    const { memoryMb, processesMax, outputBytesMax, diskMb, timeoutMsMax, openFilesMax, fileMb } =
      this.settings;
    return {
      memoryMb,
      processes: processesMax,
      outputBytes: outputBytesMax,
      diskMb,
      cpuMs: timeoutMsMax,
      openFiles: openFilesMax,
      fileMb,
    }[limit];
  }
}

const FIELDS: Readonly<Record<keyof RequestedLimits, string>> = {
  memoryMb: 'limits.memory_mb',
  processes: 'limits.processes',
  outputBytes: 'limits.output_bytes',
  diskMb: 'limits.disk_mb',
  cpuMs: 'limits.cpu_ms',
  openFiles: 'limits.open_files',
  fileMb: 'limits.file_mb',
};

function checkSize(what: string, bytes: number, bytesMax: number): void {
  if (bytes <= bytesMax) return;
  throw new ProblemException('payload-too-large', `${what} larger than ${bytesMax.toString()} bytes.`);
}

function checkMost(field: string, value: number, most: number): void {
  if (value > most) throw invalidFieldProblem(field, `must not be greater than ${most.toString()}`);
}
