/** Runs programs in an interpreter that waited for them and in one that is started for them: nobody can tell which. */
import type { ExecutionReport } from '../../src/engine-contract/report';
import { WarmEngine } from './warm-engine';

/** A name, a program, and its standard input. */
export type Probe = readonly [name: string, code: string, input?: string];
/** A name, a program, and what it prints when it was loaded beforehand and when it was not. */
export type Difference = readonly [name: string, code: string, warm: string, cold: string];

/** All that a caller is told of what the program did. */
const outcomeOf = (report: ExecutionReport): Partial<ExecutionReport> => {
  const { verdict, exitCode, signal, stdout, stderr, stdoutBytes, stderrBytes, errorMessage } = report;
  return { verdict, exitCode, signal, stdout, stderr, stdoutBytes, stderrBytes, errorMessage };
};

export function describeFidelity(
  language: string,
  probes: readonly Probe[],
  differences: readonly Difference[],
): void {
  describe(`A program in ${language} that was loaded beforehand`, () => {
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

    const both = async (code: string, input = ''): Promise<Record<'warm' | 'cold', ExecutionReport>> => {
      const reports = {
        warm: await warm.runWarm(language, code, { input }),
        cold: await cold.run(language, code, { input }),
      };
      expect(reports.cold.sandbox).toBe('cold');
      return reports;
    };

    it.each(probes.map(([name, code, input = '']) => [name, code, input] as const))(
      'has the outcome of any other: %s',
      async (_name, code, input) => {
        const reports = await both(code, input);
        expect(outcomeOf(reports.warm)).toEqual(outcomeOf(reports.cold));
      },
    );

    if (differences.length === 0) return;
    it.each(differences)('differs in nothing but: %s', async (_name, code, inWarm, inCold) => {
      const reports = await both(code);
      expect({ warm: reports.warm.stdout, cold: reports.cold.stdout }).toEqual({
        warm: inWarm,
        cold: inCold,
      });
    });
  });
}
