import type { ExecutionReport } from '../../src/engine-contract/report';
import { WarmEngine } from './warm-engine';

/** A program that must behave the same in both interpreters. */
export type Probe = readonly [name: string, code: string, input?: string];
/** A program with its different outputs in a preloaded and in a newly started interpreter. */
export type Difference = readonly [name: string, code: string, warm: string, cold: string];

/** The part of a report that the program determines. */
const pickOutcome = (report: ExecutionReport): Partial<ExecutionReport> => {
  const { verdict, exitCode, signal, stdout, stderr, stdoutBytes, stderrBytes, errorMessage } = report;
  return { verdict, exitCode, signal, stdout, stderr, stdoutBytes, stderrBytes, errorMessage };
};

/** Checks that programs cannot distinguish a preloaded interpreter from a newly started one, except for known differences. */
export function describeFidelity(
  language: string,
  probes: readonly Probe[],
  differences: readonly Difference[],
): void {
  describe(`A preloaded interpreter of ${language}`, () => {
    let warm: WarmEngine;
    let cold: WarmEngine;
    beforeAll(async () => {
      warm = await WarmEngine.start();
      cold = await WarmEngine.start({ ENGINE_WARM_MEMORY_MB: '0' });
    });
    afterAll(async () => {
      await warm.close();
      await cold.close();
    });

    const runBoth = async (code: string, input = ''): Promise<Record<'warm' | 'cold', ExecutionReport>> => {
      const reports = {
        warm: await warm.runWarm(language, code, { input }),
        cold: await cold.run(language, code, { input }),
      };
      expect(reports.cold.sandbox).toBe('cold');
      return reports;
    };

    it.each(probes.map(([name, code, input = '']) => [name, code, input] as const))(
      'behaves like a newly started one: %s',
      async (_name, code, input) => {
        const reports = await runBoth(code, input);
        expect(pickOutcome(reports.warm)).toEqual(pickOutcome(reports.cold));
      },
    );

    if (differences.length === 0) return;
    it.each(differences)('has this known difference: %s', async (_name, code, warmOutput, coldOutput) => {
      const reports = await runBoth(code);
      expect({ warm: reports.warm.stdout, cold: reports.cold.stdout }).toEqual({
        warm: warmOutput,
        cold: coldOutput,
      });
    });
  });
}
