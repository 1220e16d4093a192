import { Injectable } from '@nestjs/common';
import { type Job, isFinal } from '../../jobs/job';
import { JobWatcher } from '../../jobs/job-watcher';
import { JobsPresenter } from '../../jobs/jobs.presenter';
import { LogRepository } from '../../jobs/log.repository';
import { type LiveOutput, LiveOutputRegistry } from '../attempts/live-output';
import { PeerAddress } from '../peers/peer-address';
import { type EventCursor, resumeCursor } from './event-cursor';
import { linkedAbort } from '../../common/async/abort';
import { PeerEvents } from '../peers/peer-events';
import { type StreamEvent, outputEvent, resultEvent, statusEvent } from './stream-event';

/** Milliseconds after which output is requested from a peer again, when it has sent none. */
const PEER_RETRY_MS = 1000;

export interface ReadOptions {
  /** Aborts when the client has disconnected or the service stops. */
  readonly signal: AbortSignal;
  /** Whether a peer reads, which gets only the events of executions in this process. */
  readonly isPeer: boolean;
}

/** Produces the events of a job: its states, the output of its execution while it runs, and the result. */
@Injectable()
export class JobEvents {
  constructor(
    private readonly live: LiveOutputRegistry,
    private readonly changes: JobWatcher,
    private readonly logs: LogRepository,
    private readonly peers: PeerEvents,
    private readonly address: PeerAddress,
    private readonly presenter: JobsPresenter,
  ) {}

  runsHere(job: Job): boolean {
    return this.findLocalOutput(job) !== undefined;
  }

  /**
   * Ends after the result. Ends without one when the signal aborts, the job no longer exists, or a peer reads and the job
   * does not run in this process. Yields at least one event, even if the signal has aborted.
   * @param since after the last event that the client received; undefined to read from the start
   * @throws StorageUnavailableError
   */
  async *read(found: Job, since: EventCursor | undefined, options: ReadOptions): AsyncGenerator<StreamEvent> {
    let job: Job | undefined = found;
    let cursor = since;
    /** The data of the last status event. */
    let lastStatus: string | undefined;
    /** The attempt whose output was read completely from memory. */
    let completeAttempt: number | undefined;
    do {
      cursor = resumeCursor(job, cursor);
      if (isFinal(job.status)) {
        if (completeAttempt !== job.attempt) yield* this.readStoredOutput(job, cursor);
        yield resultEvent(job, this.presenter.toResponse(job));
        return;
      }
      const position = job.status === 'QUEUED' ? await this.presenter.findQueuePosition(job) : null;
      const status = statusEvent(job, cursor, position);
      if (status.data !== lastStatus) yield status;
      lastStatus = status.data;

      const local = this.findLocalOutput(job);
      const output = local
        ? readLiveOutput(local, cursor, options.signal)
        : this.readPeerEvents(job, cursor, options);
      for await (const event of output) {
        cursor = event.cursor;
        // A peer starts with the status that the client has received already.
        if (event.name === 'status' && event.data === lastStatus) continue;
        if (event.name === 'status') lastStatus = event.data;
        yield event;
        if (event.name === 'result') return;
      }
      if (local?.isClosed) completeAttempt = local.attempt;
      job = await this.waitForChange(job, options.signal);
    } while (
      job &&
      !options.signal.aborted &&
      (!options.isPeer || isFinal(job.status) || this.runsHere(job))
    );
  }

  private findLocalOutput({ jobId, attempt, status }: Job): LiveOutput | undefined {
    const output = status === 'RUNNING' ? this.live.find(jobId) : undefined;
    return output?.attempt === attempt ? output : undefined;
  }

  private async *readPeerEvents(
    job: Job,
    cursor: EventCursor,
    { isPeer, signal }: ReadOptions,
  ): AsyncGenerator<StreamEvent> {
    const peer = this.findPeer(job);
    if (peer !== undefined && !isPeer) yield* this.peers.read(peer, job.jobId, cursor, signal);
  }

  /** Yields nothing when the last execution ended before it started, even if an earlier one left logs. */
  private async *readStoredOutput(job: Job, cursor: EventCursor): AsyncGenerator<StreamEvent> {
    const { jobId, attempt, logsAttempt, startedAt } = job;
    if (logsAttempt !== attempt || startedAt === null) return;
    const from = cursor.kind === 'output' ? cursor.chunks : 0;
    for await (const chunk of (await this.logs.get(jobId, attempt)) ?? []) {
      if (chunk.seq >= from) yield outputEvent(attempt, chunk);
    }
  }

  /**
   * Waits until there may be another event: the job changes, its output becomes available in this process, or the output
   * can be requested from its peer again.
   * @returns undefined when the job no longer exists
   */
  private async waitForChange(job: Job, signal: AbortSignal): Promise<Job | undefined> {
    if (job.status !== 'RUNNING') return this.changes.waitForChange(job, signal);
    const waiting = linkedAbort(signal);
    const timer =
      this.findPeer(job) === undefined
        ? undefined
        : setTimeout(() => {
            waiting.abort();
          }, PEER_RETRY_MS);
    try {
      void this.live.waitUntilOpen(job, waiting.signal).then(() => {
        waiting.abort();
      });
      return await this.changes.waitForChange(job, waiting.signal);
    } finally {
      clearTimeout(timer);
      waiting.abort();
    }
  }

  /** The base URL of the other process that runs the job. */
  private findPeer({ status, dispatch }: Job): string | undefined {
    const worker = status === 'RUNNING' ? dispatch?.worker : null;
    return worker === this.address.url() ? undefined : (worker ?? undefined);
  }
}

/** Yields chunks as they arrive, until the output is closed. */
async function* readLiveOutput(
  output: LiveOutput,
  cursor: EventCursor,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent> {
  let count = cursor.kind === 'output' ? cursor.chunks : 0;
  while (!signal.aborted) {
    await output.waitForMore(count, signal);
    const chunk = output.chunks[count];
    if (!chunk) return;
    yield outputEvent(output.attempt, chunk);
    count += 1;
  }
}
