/** One upload-execute-status run of which one call of the storage fails, picked out of all that pass at the same time. */
import { randomUUID } from 'node:crypto';
import type { Call, Fault } from './fault-proxy';

/** `once`: the first attempt at the call. `outage`: everything of this run, from that call on until it is healed. */
export type Extent = 'once' | 'outage';

export class RunWithFault {
  /** In the code and in the project, so that the run is known before its job has an id. */
  readonly marker = randomUUID();
  private jobId: string = this.marker;
  private readonly calls: string[] = [];
  private isHealed = false;

  /** @param at which call of the run fails, from 0 */
  constructor(
    private readonly at: number,
    private readonly fault: Fault,
    private readonly extent: Extent,
  ) {}

  /** The name of the call that failed; undefined when the run made fewer. */
  failedCall: string | undefined;

  heal(): void {
    this.isHealed = true;
  }

  selectFault(call: Call): Fault | undefined {
    if (!this.owns(call)) return undefined;
    if (!this.calls.includes(call.id)) this.calls.push(call.id);
    const order = this.calls.indexOf(call.id);
    const fails =
      this.extent === 'once' ? order === this.at && call.attempt === 1 : order >= this.at && !this.isHealed;
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
