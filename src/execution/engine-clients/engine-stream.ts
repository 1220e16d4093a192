import type { Readable } from 'node:stream';
import { chunkFromLine } from '../../engine-contract/chunk-lines';
import { readLines } from '../../common/lines';
import { ProblemException } from '../../common/problems/problem.exception';
import { ReportBody } from '../../engine-contract/report.body';
import type { ExecutionReport, OutputChunk } from '../../engine-contract/report';
import { invalidResponseProblem, toEngineProblem } from './engine-problems';
import { validateEngineResponse } from './validate-engine-response';

/**
 * Reads the NDJSON response of an engine: output lines while the program runs, then one report or problem.
 * @param inputCount number of inputs; undefined for an execution with a single input
 * @throws ProblemException the problem in the stream, or `engine-error` when the stream ends early or is invalid
 */
export async function readEngineStream(
  stream: Readable,
  onOutput: (chunk: OutputChunk) => void,
  inputCount: number | undefined,
): Promise<ExecutionReport> {
  // An error after the report has been read changes nothing, but without a listener it would end the process.
  stream.on('error', () => undefined);
  try {
    const report = await readReport(stream, onOutput, inputCount);
    // The connection is reused for the next execution only if the response is read to its end.
    stream.resume();
    return report;
  } catch (error) {
    stream.destroy();
    throw error instanceof ProblemException
      ? error
      : invalidResponseProblem('the stream was interrupted', error);
  }
}

async function readReport(
  stream: Readable,
  onOutput: (chunk: OutputChunk) => void,
  inputCount: number | undefined,
): Promise<ExecutionReport> {
  const bytes: AsyncIterable<Buffer> = stream.iterator({ destroyOnReturn: false });
  for await (const line of readLines(bytes)) {
    const message = parseMessage(line);
    switch (message.type) {
      case 'output':
        onOutput(parseChunk(line, message, inputCount));
        break;
      case 'report':
        return parseReport(message, inputCount);
      case 'problem':
        throw toEngineProblem(message, 500);
      default:
        throw invalidResponseProblem('a line has an unknown type');
    }
  }
  throw invalidResponseProblem('the stream ended before the report');
}

function parseMessage(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    throw invalidResponseProblem('a line is not JSON', error);
  }
  throw invalidResponseProblem('a line is not an object');
}

function parseReport(message: Record<string, unknown>, inputCount: number | undefined): ExecutionReport {
  const body = validateEngineResponse(ReportBody, message);
  if (body.results?.length !== inputCount)
    throw invalidResponseProblem('the report does not have one result for each input');
  return ReportBody.toReport(body);
}

function parseChunk(
  line: string,
  { seq, t_ms, stream, input, data }: Record<string, unknown>,
  inputCount: number | undefined,
): OutputChunk {
  const isChunk =
    typeof seq === 'number' &&
    typeof t_ms === 'number' &&
    (stream === 'stdout' || stream === 'stderr') &&
    typeof data === 'string' &&
    (inputCount === undefined ? input === undefined : isIndex(input, inputCount));
  if (!isChunk) throw invalidResponseProblem('an output line has missing or invalid fields');
  return chunkFromLine(line);
}

const isIndex = (value: unknown, count: number): boolean =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) < count;
