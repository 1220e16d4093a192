import type { JobBody } from '../support/api';
import { ENGINE_WORK_DIR } from '../support/applications';
import { startEmbedded } from '../support/embedded-gateway';
import type { Gateway } from '../support/gateway-handle';
import { createMarker } from '../support/leftovers';
import type { EscapeProgram, Surroundings } from './escape-program';
import { executeWhenSlotIsFree, measureWallToCpuRatios } from './well-behaved-run';
import { findMarkedProcesses, findRunProcesses } from '../support/run-processes';

const SLOTS = 2;
/** Without a queue, as many simultaneous runs as there are slots prove that all slots are free. */
const SETTINGS = { ENGINE_SLOTS: SLOTS.toString(), ENGINE_QUEUE_MAX: '0' };
/** Limit of wall time / CPU time: each run may claim a core, and creating a sandbox takes time. */
const RATIO_MAX = 3;
/** Other processes slow the machine down too: only a ratio that is exceeded in each pair, and relative to a run alone, counts. */
const PAIRS_MAX = 3;
const TEST_TIMEOUT_MS = 60_000;

/** A value in the environment of the service that no program may see. */
const SECRET = 'secret-of-the-service';
process.env['ESCAPE_SECRET'] = SECRET;

interface PairResult {
  readonly job: JobBody;
  /** Wall time / CPU time of each well-behaved run during the program. */
  readonly ratios: readonly number[];
}

/**
 * Runs each program beside a well-behaved one. Expects that the program results in its expected job, that no process outlives
 * the response, that its slot is free afterwards, and that the well-behaved run is correct and gets its share of the CPU.
 * @param overrides additional settings
 */
export function testEscapePrograms(
  attempts: readonly EscapeProgram[],
  overrides: Readonly<Record<string, string>> = {},
): void {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startEmbedded({ ...SETTINGS, ...overrides });
  });
  afterAll(() => gateway.close());

  it.each(attempts.map((attempt) => [attempt.name, attempt] as const))(
    '%s',
    async (_name, attempt) => {
      for (let pair = 1; ; pair += 1) {
        const { job, ratios } = await runBesideWorkload(gateway, attempt);
        const worst = Math.max(...ratios);
        const isShared = job.resource?.['accounting'] !== 'rusage';
        if (!isShared || worst <= RATIO_MAX) return;
        const [alone = 1] = await measureWallToCpuRatios(gateway.api, Promise.resolve());
        if (worst > RATIO_MAX * alone && pair < PAIRS_MAX) continue;
        expect(worst).toBeLessThanOrEqual(RATIO_MAX * alone);
        return;
      }
    },
    TEST_TIMEOUT_MS,
  );
}

async function runBesideWorkload(gateway: Gateway, attempt: EscapeProgram): Promise<PairResult> {
  const { api } = gateway;
  const surroundings: Surroundings = {
    MARKER: createMarker(),
    GATEWAY_PORT: new URL(api.url).port,
    DATA_DIR: gateway.dataDir,
    WORK_DIR: ENGINE_WORK_DIR,
  };
  const { timeout, input } = attempt;
  const jobId = await api.upload(attempt.language, fillIn(attempt.code, surroundings));
  const execution = executeWhenSlotIsFree(api, jobId, {
    ...(timeout && { timeout }),
    ...(input && { input }),
  });
  const ended = execution.then((job) => ({ job, left: findMarkedProcesses(surroundings.MARKER) }));
  const [{ job, left }, ratios] = await Promise.all([ended, measureWallToCpuRatios(api, ended)]);
  expect(job).toMatchObject(attempt.expected);
  expect(JSON.stringify(job)).not.toContain(SECRET);
  expect([...left, ...findRunProcesses(process.pid)]).toEqual([]);
  await expectAllSlotsFree(gateway);
  return { job, ratios };
}

const fillIn = (code: string, surroundings: Surroundings): string =>
  Object.entries(surroundings).reduce(
    (text, [word, value]: [string, string]) => text.replaceAll(word, value),
    code,
  );

async function expectAllSlotsFree({ api }: Gateway): Promise<void> {
  const ids = await Promise.all(Array.from({ length: SLOTS }, () => api.upload('bash', 'echo here')));
  for (const job of await Promise.all(ids.map((id) => executeWhenSlotIsFree(api, id)))) {
    expect(job).toMatchObject({ verdict: 'OK', stdout: 'here\n' });
  }
}
