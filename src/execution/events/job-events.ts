/** What a reader is told of a job: its states, the output of its execution as it comes, and the result. */
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

/** ms before a process that does not send the output that it should have is asked again. */
const ASK_AGAIN_MS = 1000;

export interface ReadOptions {
  /** Aborts when nobody reads any more. */
  readonly signal: AbortSignal;
  /** Whether it is another process, which is told what runs here and nothing else. */
  readonly isPeer: boolean;
}

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
    return this.outputHere(job) !== undefined;
  }

  /**
   * Ends with the result, or without one when nobody reads any more, the job is gone, or a peer asks for what does not run
   * here. The first event comes whatever the signal says.
   * @param since behind the last event that the reader has; undefined when it has none
   * @throws StorageUnavailableError
   */
  async *read(found: Job, since: EventCursor | undefined, reader: ReadOptions): AsyncGenerator<StreamEvent> {
    let job: Job | undefined = found;
    let cursor = since;
    let told: string | undefined;
    /** The attempt of which no output is left to be read from the storage. */
    let completed: number | undefined;
    do {
      cursor = resumeCursor(job, cursor);
      if (isFinal(job.status)) {
        if (completed !== job.attempt) yield* this.stored(job, cursor);
        yield resultEvent(job, this.presenter.toResponse(job));
        return;
      }
      const position = job.status === 'QUEUED' ? await this.presenter.findQueuePosition(job) : null;
      const status = statusEvent(job, cursor, position);
      if (status.data !== told) yield status;
      told = status.data;

      const here = this.outputHere(job);
      const output = here ? outputOf(here, cursor, reader.signal) : this.outputElsewhere(job, cursor, reader);
      for await (const event of output) {
        cursor = event.cursor;
        // A peer begins with the state that the reader has been told.
        if (event.name === 'status' && event.data === told) continue;
        if (event.name === 'status') told = event.data;
        yield event;
        if (event.name === 'result') return;
      }
      if (here?.isClosed) completed = here.attempt;
      job = await this.next(job, reader.signal);
    } while (job && !reader.signal.aborted && (!reader.isPeer || isFinal(job.status) || this.runsHere(job)));
  }

  private outputHere({ jobId, attempt, status }: Job): LiveOutput | undefined {
    const output = status === 'RUNNING' ? this.live.find(jobId) : undefined;
    return output?.attempt === attempt ? output : undefined;
  }

  private async *outputElsewhere(
    job: Job,
    cursor: EventCursor,
    { isPeer, signal }: ReadOptions,
  ): AsyncGenerator<StreamEvent> {
    const peer = this.peerOf(job);
    if (peer !== undefined && !isPeer) yield* this.peers.read(peer, job.jobId, cursor, signal);
  }

  /** Only the logs of the last execution: one that ended before it began left none, whatever there is of earlier ones. */
  private async *stored(job: Job, cursor: EventCursor): AsyncGenerator<StreamEvent> {
    const { jobId, attempt, logsAttempt, startedAt } = job;
    if (logsAttempt !== attempt || startedAt === null) return;
    const from = cursor.kind === 'output' ? cursor.chunks : 0;
    for await (const chunk of (await this.logs.get(jobId, attempt)) ?? []) {
      if (chunk.seq >= from) yield outputEvent(attempt, chunk);
    }
  }

  /**
   * Waits until there may be more to tell: the job changes, its output turns up here, or the process that runs it can be
   * asked again.
   */
  private async next(job: Job, signal: AbortSignal): Promise<Job | undefined> {
    if (job.status !== 'RUNNING') return this.changes.waitForChange(job, signal);
    const waiting = linkedAbort(signal);
    const timer =
      this.peerOf(job) === undefined
        ? undefined
        : setTimeout(() => {
            waiting.abort();
          }, ASK_AGAIN_MS);
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

  /** Another process that runs it; undefined when there is none. */
  private peerOf({ status, dispatch }: Job): string | undefined {
    const worker = status === 'RUNNING' ? dispatch?.worker : null;
    return worker === this.address.url() ? undefined : (worker ?? undefined);
  }
}

/** From memory, as it comes, until it is closed. */
async function* outputOf(
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
