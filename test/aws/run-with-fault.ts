import { randomUUID } from 'node:crypto';
import type { Call, Fault } from './fault-proxy';

/** `once`: the first attempt at the chosen call fails. `outage`: every call of the run from the chosen one on fails. */
export type Extent = 'once' | 'outage';

/** One sequence of upload, execute and status in which a storage call fails, while other sequences run at the same time. */
export class RunWithFault {
  /** Part of the code and of the project, so that calls can be assigned to the run before its job has an id. */
  readonly marker = randomUUID();
  /** Name of the first call that failed; undefined if the run made fewer calls. */
  failedCall: string | undefined;
  private jobId: string = this.marker;
  private readonly calls: string[] = [];
  private isHealed = false;

  /** @param index zero-based index of the first call that fails */
  constructor(
    private readonly index: number,
    private readonly fault: Fault,
    private readonly extent: Extent,
  ) {}

  heal(): void {
    this.isHealed = true;
  }

  selectFault(call: Call): Fault | undefined {
    if (!this.owns(call)) return undefined;
    if (!this.calls.includes(call.id)) this.calls.push(call.id);
    const index = this.calls.indexOf(call.id);
    const fails =
      this.extent === 'once'
        ? index === this.index && call.attempt === 1
        : index >= this.index && !this.isHealed;
    if (!fails) return undefined;
    this.failedCall ??= call.name;
    return this.fault;
  }

  private owns({ name, body, path }: Call): boolean {
    if (name === 'PUT uploads' && body.includes(this.marker))
      this.jobId = /uploads\/([^.]+)/.exec(path)?.[1] ?? this.jobId;
    return body.includes(this.jobId) || path.includes(this.jobId);
  }
}
