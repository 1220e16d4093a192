/** What a run may use: the settings, lowered by the request, shared by its inputs. */
import { readEnvironment } from '../config/environment';
import { EngineSettings } from '../config/settings';
import type { ExecutionRequest } from '../engine-contract/execution-request';
import { runLimits } from './limits';

const REQUEST: ExecutionRequest = {
  ...{ jobId: 'job', client: 'client', language: 'c', code: '', input: '', timeoutMs: 1 },
};

describe('runLimits', () => {
  it.each([
    ['the whole to a single input', undefined, undefined, 100_000],
    ['what the request asks for to a single input', undefined, 10, 10],
    ['an equal share to each of many', 3, undefined, 33_333],
    ['a share of what the request asks for', 4, 10_000, 2500],
    ['1 KiB to each of very many', 100, undefined, 1024],
    ['never more than the request asks for', 2, 1000, 1000],
  ])('give %s', (_what, inputs, outputBytes, expected) => {
    const settings = new EngineSettings(readEnvironment({ ENGINE_OUTPUT_MAX_BYTES: '100000' }), '127.0.0.1');
    const request = {
      ...REQUEST,
      limits: { outputBytes },
      inputs: inputs === undefined ? undefined : Array.from({ length: inputs }, () => ''),
    };
    expect(runLimits(request, settings)).toMatchObject({ outputBytes: expected, wallMs: 1 });
  });
});
