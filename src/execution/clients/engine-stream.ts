/** Reads the NDJSON answer of an engine: output lines while the program runs, and a report or a problem at the end. */
import type { Readable } from 'node:stream';
import { chunkFromLine } from '../../common/chunk-lines';
import { linesOf } from '../../common/lines';
import { ProblemException } from '../../common/problems/problem.exception';
import { ReportBody } from '../../common/report.body';
import type { ExecutionReport, OutputChunk } from '../../common/report';
import { check } from './check';
import { problemOfBody } from './problem-of-body';

/** @throws ProblemException `engine-error` when the stream ends early or is nonsense, or the engine's own problem */
export async function readEngineStream(
  stream: Readable,
  onOutput: (chunk: OutputChunk) => void,
): Promise<ExecutionReport> {
  // Whatever breaks after the last line that is read concerns nobody any more.
  stream.on('error', () => undefined);
  try {
    const report = await readReport(stream, onOutput);
    // Read to its end, the connection serves the next execution too.
    stream.resume();
    return report;
  } catch (error) {
    stream.destroy();
    throw error instanceof ProblemException ? error : nonsense('the answer broke off', error);
  }
}

async function readReport(
  stream: Readable,
  onOutput: (chunk: OutputChunk) => void,
): Promise<ExecutionReport> {
  const bytes: AsyncIterable<Buffer> = stream.iterator({ destroyOnReturn: false });
  for await (const line of linesOf(bytes)) {
    const message = parse(line);
    switch (message.type) {
      case 'output':
        onOutput(chunkOf(line, message));
        break;
      case 'report':
        return ReportBody.toReport(check(ReportBody, message));
      case 'problem':
        throw problemOfBody(message, 500);
      default:
        throw nonsense('a line of an unknown type');
    }
  }
  throw nonsense('the answer ended before the report');
}

function parse(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    throw nonsense('a line that is not JSON', error);
  }
  throw nonsense('a line that is no object');
}

function chunkOf(line: string, { seq, t_ms, stream, data }: Record<string, unknown>): OutputChunk {
  const isChunk =
    typeof seq === 'number' &&
    typeof t_ms === 'number' &&
    (stream === 'stdout' || stream === 'stderr') &&
    typeof data === 'string';
  if (!isChunk) throw nonsense('an output line without its fields');
  return chunkFromLine(line);
}

const nonsense = (what: string, cause?: unknown): ProblemException =>
  new ProblemException('engine-error', `The engine answered nonsense: ${what}.`, { cause });
