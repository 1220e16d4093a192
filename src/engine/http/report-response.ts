import type { FastifyReply } from 'fastify';
import { chunkToLine } from '../../engine-contract/chunk-lines';
import { disconnectSignal } from '../../common/http/disconnect-signal';
import { ProblemBody } from '../../common/problems/problem.body';
import { ProblemException } from '../../common/problems/problem.exception';
import { toProblemException } from '../../common/problems/to-problem';
import { ReportBody } from '../../engine-contract/report.body';
import type { ExecutionReport, OutputChunk } from '../../engine-contract/report';
import type { ExecutionRequest } from '../../engine-contract/execution-request';
import type { EngineService } from '../engine.service';
import type { ExecuteOptions } from '../runner';
import { EngineError } from '../sandbox/engine.error';

export const NDJSON = 'application/x-ndjson';

/** Sends the report as JSON when the execution has ended. A disconnect of the client cancels it. */
export async function sendReport(
  engine: EngineService,
  request: ExecutionRequest,
  reply: FastifyReply,
): Promise<void> {
  const report = await executeOrThrowProblem(engine, request, {
    signal: disconnectSignal(reply),
    onOutput: () => undefined,
  });
  await reply.send(ReportBody.fromReport(request.jobId, report));
}

/**
 * Streams NDJSON: each line is an object whose `type` is `output`, and in the last line `report` or `problem`. The status
 * line is sent with the first output, so that a problem before it still has its own status. A disconnect of the
 * client cancels the execution.
 */
export async function streamReport(
  engine: EngineService,
  request: ExecutionRequest,
  reply: FastifyReply,
): Promise<void> {
  const { raw } = reply;
  const write = (line: string): void => {
    if (!raw.headersSent) {
      reply.hijack();
      raw.writeHead(200, { 'content-type': NDJSON, 'x-request-id': reply.request.id });
    }
    raw.write(line);
  };
  const onOutput = (chunk: OutputChunk): void => {
    write(`{"type":"output",${chunkToLine(chunk).slice(1)}`);
  };
  try {
    const report = await executeOrThrowProblem(engine, request, {
      signal: disconnectSignal(reply),
      onOutput,
    });
    write(toLine('report', ReportBody.fromReport(request.jobId, report)));
  } catch (error) {
    if (!raw.headersSent) throw error;
    write(
      toLine('problem', ProblemBody.from(toProblemException(error), reply.request.url, reply.request.id)),
    );
  }
  raw.end();
}

/** Translates errors of the engine. @throws ProblemException */
async function executeOrThrowProblem(
  engine: EngineService,
  request: ExecutionRequest,
  options: ExecuteOptions,
): Promise<ExecutionReport> {
  try {
    return await engine.execute(request, options);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new ProblemException('engine-error', 'The engine failed.', { cause: error });
  }
}

const toLine = (type: string, body: object): string => `${JSON.stringify({ type, ...body })}\n`;
