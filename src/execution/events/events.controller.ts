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
    summary: 'Stream the events of a job',
    description: EVENTS_DESCRIPTION,
  })
  @ApiHeader({
    name: LAST_EVENT_ID,
    required: false,
    description:
      'The id of the last event that the client received; the stream continues after it. Browsers send it themselves.',
    schema: { type: 'string' },
  })
  @ApiOkResponse({
    description: 'The events, as text/event-stream.',
    content: { [EVENT_STREAM_TYPE]: { schema: { type: 'string' }, example: EVENTS_EXAMPLE } },
  })
  @ApiNoContentResponse({ description: 'The client has received the result; there are no more events.' })
  @ApiProblems('validation-failed', 'job-not-found', 'logs-not-found', 'storage-unavailable')
  async stream(
    @Param() { job_id }: JobIdParam,
    @Query() query: EventsQuery,
    @Headers(LAST_EVENT_ID) lastEventId: string | undefined,
    @Headers(PEER_HEADER) peer: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.streams.stream(
      { jobId: job_id, lastEvent: findLastEvent(lastEventId, query), isPeer: peer !== undefined },
      reply,
    );
  }
}

/**
 * A browser that reconnects sends the header, and the query parameter of the first request with it. An empty value is the
 * same as none.
 */
function findLastEvent(
  header: string | undefined,
  { last_event_id: id }: EventsQuery,
): EventsRequest['lastEvent'] {
  if (header) return { field: LAST_EVENT_ID, id: header };
  return id ? { field: 'last_event_id', id } : undefined;
}
