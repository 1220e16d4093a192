/** The streams of events that are open: each from its request to its end, and all of them at the end of the service. */
import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ProblemException, invalidFieldProblem } from '../../common/problems/problem.exception';
import { EventsSettings, ServerSettings } from '../../config/settings';
import { type Job, isFinal } from '../../jobs/job';
import { JobsService } from '../../jobs/jobs.service';
import { ActiveExecutions } from '../attempts/active-executions';
import { withTimeout } from '../../common/async/with-timeout';
import { type EventCursor, cursorFromId, cursorToId, endOfJob, isCursorFor } from './event-cursor';
import { EventWriter } from './event-writer';
import { JobEvents } from './job-events';
import type { StreamEvent } from './stream-event';

/** ms in which the result of an execution that has just ended gets on its way. */
const RESULT_MS = 200;
/** ms that the end of the last execution may take beyond its grace. */
const STORING_MS_MAX = 5000;

export interface EventsRequest {
  readonly jobId: string;
  /** Where the reader got its last event from, and the id of that; undefined when it has none. */
  readonly last: { readonly field: string; readonly id: string } | undefined;
  /** Whether another process asks for what this one runs. */
  readonly isPeer: boolean;
}

@Injectable()
export class EventStreams implements BeforeApplicationShutdown {
  private readonly open = new Set<AbortController>();
  private isStopped = false;

  constructor(
    private readonly jobs: JobsService,
    private readonly events: JobEvents,
    private readonly running: ActiveExecutions,
    private readonly settings: EventsSettings,
    private readonly server: ServerSettings,
  ) {}

  /**
   * Answers with the events of a job until the last, or until the reader is gone.
   * @throws ProblemException `validation-failed`, `job-not-found`, `logs-not-found`, `storage-unavailable`
   */
  async stream({ jobId, last, isPeer }: EventsRequest, reply: FastifyReply): Promise<void> {
    const job = await this.jobs.get(jobId);
    if (isPeer && !this.events.runsHere(job))
      throw new ProblemException('logs-not-found', 'This process does not run the job.');
    const since = last && cursorOf(job, last);
    if (isFinal(job.status) && since && cursorToId(since) === cursorToId(endOfJob(job))) {
      await reply.status(204).send();
      return;
    }
    const reading = new AbortController();
    const writer = new EventWriter(reply, this.settings, reading.signal);
    if (reply.request.method === 'HEAD') writer.writeHead();
    else
      await this.writeEvents(
        reading,
        writer,
        this.events.read(job, since, { signal: reading.signal, isPeer }),
      );
  }

  private async writeEvents(
    reading: AbortController,
    writer: EventWriter,
    events: AsyncIterable<StreamEvent>,
  ): Promise<void> {
    this.open.add(reading);
    writer.onClose(() => {
      reading.abort();
    });
    // Who comes all the same is not refused, which would make a browser give up: it gets one event, and comes again.
    if (this.isStopped) reading.abort();
    try {
      await writer.write(events);
    } catch (error) {
      if (!reading.signal.aborted) throw error;
    } finally {
      this.open.delete(reading);
    }
  }

  /** Readers of what still runs here have its result; all others go on elsewhere. */
  async beforeApplicationShutdown(): Promise<void> {
    await withTimeout(this.server.shutdownGraceMs + STORING_MS_MAX, this.running.allEnded());
    if (this.open.size > 0) await delay(RESULT_MS);
    this.isStopped = true;
    for (const reading of this.open) reading.abort();
  }
}

function cursorOf(job: Job, { field, id }: NonNullable<EventsRequest['last']>): EventCursor {
  const cursor = cursorFromId(id);
  if (cursor && isCursorFor(job, cursor)) return cursor;
  throw invalidFieldProblem(field, 'is not the id of an event of this job');
}
