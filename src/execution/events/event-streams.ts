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

/** Milliseconds for sending the result of an execution that has just ended. */
const SEND_RESULT_MS = 200;
/** Milliseconds that the outcome of the last execution may take to be stored, after the shutdown grace. */
const STORE_OUTCOME_MS_MAX = 5000;

export interface EventsRequest {
  readonly jobId: string;
  /** The id of the last event that the client received, and the header or parameter that has it; undefined without one. */
  readonly lastEvent: { readonly field: string; readonly id: string } | undefined;
  /** Whether another gateway asks for an execution that runs here. */
  readonly isPeer: boolean;
}

/** Streams the events of jobs to clients, and ends all streams when the service stops. */
@Injectable()
export class EventStreams implements BeforeApplicationShutdown {
  private readonly open = new Set<AbortController>();
  private isStopped = false;

  constructor(
    private readonly jobs: JobsService,
    private readonly events: JobEvents,
    private readonly active: ActiveExecutions,
    private readonly settings: EventsSettings,
    private readonly server: ServerSettings,
  ) {}

  /**
   * Writes the events of a job to the response, until the last event or until the client disconnects.
   * @throws ProblemException `validation-failed`, `job-not-found`, `logs-not-found`, `storage-unavailable`
   */
  async stream({ jobId, lastEvent, isPeer }: EventsRequest, reply: FastifyReply): Promise<void> {
    const job = await this.jobs.get(jobId);
    if (isPeer && !this.events.runsHere(job))
      throw new ProblemException('logs-not-found', 'This process does not run the job.');
    const since = lastEvent && parseCursor(job, lastEvent);
    if (isFinal(job.status) && since && cursorToId(since) === cursorToId(endOfJob(job))) {
      await reply.status(204).send();
      return;
    }
    const reading = new AbortController();
    const writer = new EventWriter(reply, this.settings, reading.signal);
    if (reply.request.method === 'HEAD') {
      writer.writeHead();
      return;
    }
    const events = this.events.read(job, since, { signal: reading.signal, isPeer });
    await this.writeEvents(reading, writer, events);
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
    // A browser does not reconnect after an error status, so during the shutdown a client still gets one event.
    if (this.isStopped) reading.abort();
    try {
      await writer.write(events);
    } catch (error) {
      if (!reading.signal.aborted) throw error;
    } finally {
      this.open.delete(reading);
    }
  }

  /** Sends the results of executions that still end in this process. All other clients reconnect to another one. */
  async beforeApplicationShutdown(): Promise<void> {
    await withTimeout(this.server.shutdownGraceMs + STORE_OUTCOME_MS_MAX, this.active.allEnded());
    if (this.open.size > 0) await delay(SEND_RESULT_MS);
    this.isStopped = true;
    for (const reading of this.open) reading.abort();
  }
}

function parseCursor(job: Job, { field, id }: NonNullable<EventsRequest['lastEvent']>): EventCursor {
  const cursor = cursorFromId(id);
  if (cursor && isCursorFor(job, cursor)) return cursor;
  throw invalidFieldProblem(field, 'must be the id of an event of this job');
}
