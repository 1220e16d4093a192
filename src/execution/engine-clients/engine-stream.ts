/** Reads the NDJSON answer of an engine: output lines while the program runs, and a report or a problem at the end. */
import type { Readable } from 'node:stream';
import { chunkFromLine } from '../../engine-contract/chunk-lines';
import { readLines } from '../../common/lines';
import { ProblemException } from '../../common/problems/problem.exception';
import { ReportBody } from '../../engine-contract/report.body';
import type { ExecutionReport, OutputChunk } from '../../engine-contract/report';
import { validateEngineResponse } from './validate-engine-response';
import { problemFromEngine } from './problem-from-engine';

/**
 * @param inputs how many, of an execution of many
 * @throws ProblemException `engine-error` when the stream ends early or is nonsense, or the engine's own problem
 */
export async function readEngineStream(
  stream: Readable,
  onOutput: (chunk: OutputChunk) => void,
  inputs: number | undefined,
): Promise<ExecutionReport> {
  // Whatever breaks after the last line that is read concerns nobody any more.
  stream.on('error', () => undefined);
  try {
    const report = await readReport(stream, onOutput, inputs);
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
  inputs: number | undefined,
): Promise<ExecutionReport> {
  const bytes: AsyncIterable<Buffer> = stream.iterator({ destroyOnReturn: false });
  for await (const line of readLines(bytes)) {
    const message = parse(line);
    switch (message.type) {
      case 'output':
        onOutput(chunkOf(line, message, inputs));
        break;
      case 'report':
        return reportOf(message, inputs);
      case 'problem':
        throw problemFromEngine(message, 500);
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

function reportOf(message: Record<string, unknown>, inputs: number | undefined): ExecutionReport {
  const body = validateEngineResponse(ReportBody, message);
  if (body.results?.length !== inputs) throw nonsense('a report without a result for each input');
  return ReportBody.toReport(body);
}

function chunkOf(
  line: string,
  { seq, t_ms, stream, input, data }: Record<string, unknown>,
  inputs: number | undefined,
): OutputChunk {
  const isChunk =
    typeof seq === 'number' &&
    typeof t_ms === 'number' &&
    (stream === 'stdout' || stream === 'stderr') &&
    typeof data === 'string' &&
    (inputs === undefined ? input === undefined : isIndex(input, inputs));
  if (!isChunk) throw nonsense('an output line without its fields');
  return chunkFromLine(line);
}

const isIndex = (value: unknown, count: number): boolean =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) < count;

const nonsense = (what: string, cause?: unknown): ProblemException =>
  new ProblemException('engine-error', `The engine answered nonsense: ${what}.`, { cause });
