/** The events of a job, as they happen. */
import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiProblems } from '../../common/problems/api-problems.decorator';
import { JobIdParam } from '../../jobs/dto/job-id.param.dto';
import { PEER_HEADER } from '../peers/peer-address';
import { EVENTS_DESCRIPTION, EVENTS_EXAMPLE } from './events.example';
import { EventStreams, type EventsRequest } from './event-streams';
import { EventsQuery } from './events.query.dto';
import { EVENT_STREAM_TYPE } from './stream-event';

const LAST_EVENT_ID = 'Last-Event-ID';

@ApiTags('jobs')
@Controller('api/jobs/:job_id/events')
export class EventsController {
  constructor(private readonly streams: EventStreams) {}

  @Get()
  @ApiOperation({
    operationId: 'streamEvents',
    summary: 'Follow a job while it waits and runs',
    description: EVENTS_DESCRIPTION,
  })
  @ApiHeader({
    name: LAST_EVENT_ID,
    required: false,
    description:
      'The id of the last event that came; the stream goes on behind it. A browser sends it itself.',
    schema: { type: 'string' },
  })
  @ApiOkResponse({
    description: 'The events.',
    content: { [EVENT_STREAM_TYPE]: { schema: { type: 'string' }, example: EVENTS_EXAMPLE } },
  })
  @ApiNoContentResponse({ description: 'The client has it all, down to the result: there is no more.' })
  @ApiProblems('validation-failed', 'job-not-found', 'logs-not-found', 'storage-unavailable')
  async stream(
    @Param() { job_id }: JobIdParam,
    @Query() query: EventsQuery,
    @Headers(LAST_EVENT_ID) lastEventId: string | undefined,
    @Headers(PEER_HEADER) peer: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.streams.stream(
      { jobId: job_id, last: lastOf(lastEventId, query), isPeer: peer !== undefined },
      reply,
    );
  }
}

/** A browser that comes again sends the header, and still has what the address began with. An empty one is none. */
function lastOf(header: string | undefined, { last_event_id: id }: EventsQuery): EventsRequest['last'] {
  if (header) return { field: LAST_EVENT_ID, id: header };
  return id ? { field: 'last_event_id', id } : undefined;
}
