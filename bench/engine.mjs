// Compares runs in the engine with bare interpreters that this process starts without isolation. The two alternate, so that
// other load on the machine affects both. Compare the ratios; absolute times depend on the machine.
// Usage: npm run bench:engine [-- ROUNDS]
import { availableParallelism } from 'node:os';
import { BareProgram } from './engine/bare.mjs';
import { startEngine } from './engine/engines.mjs';
import { measureIdleMemory } from './engine/idle-memory.mjs';
import { HELLO } from './engine/programs.mjs';
import { printTable } from './engine/table.mjs';
import { measureRates } from './engine/throughput.mjs';
import { quantile, stopwatch } from './client.mjs';

const ROUNDS = Number(process.argv[2] ?? 100);
const WARM_UP_ROUNDS = 3;
const CALLERS = availableParallelism();
const SLICES = Math.max(1, Math.round(ROUNDS / 30));

const warm = await startEngine();
const cold = await startEngine({ ENGINE_WARM_MEMORY_MB: '0' });
const rows = [];
try {
  for (const [language, code] of HELLO) rows.push(...(await measure(language, code)));
  rows.push(await neighbours());
} finally {
  await Promise.all([warm.stop(), cold.stop()]);
}
rows.push([
  '',
  'memory of an idle engine without prepared sandbox',
  `${(await measureIdleMemory()).toFixed(0)} MB`,
  '< 120 MB',
]);
printTable(ROUNDS, rows);

async function measure(language, code) {
  const bare = new BareProgram(language, code, warm.installed(language));
  const { samples, timed, forget } = stopwatch();
  try {
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
      if (round === 0) forget();
      await warm.untilPrepared(language);
      await timed('warm', () => warm.run(language, code, language === 'c' ? 'prepared' : 'warm'));
      await timed('bare', () => bare.start());
      await timed('cold', () => cold.run(language, code, 'cold'));
    }
    const [warmMs, bareMs, coldMs] = ['warm', 'bare', 'cold'].map((name) => quantile(samples.get(name), 0.5));
    const p99 = quantile(samples.get('warm'), 0.99);
    const rates = await measureRates(SLICES, CALLERS, {
      engine: () => warm.run(language, code),
      bare: () => bare.start(),
    });
    const isC = language === 'c';
    return [
      [language, 'bare start, p50', `${bareMs.toFixed(2)} ms`, ''],
      isC
        ? [language, 'second run minus bare start', `${(warmMs - bareMs).toFixed(2)} ms`, '< 12 ms']
        : [language, 'warm run / bare start, p50', (warmMs / bareMs).toFixed(2), '0.5'],
      [language, 'warm run, p50 and p99', `${warmMs.toFixed(2)} and ${p99.toFixed(2)} ms`, ''],
      [language, 'cold run / bare start, p50', (coldMs / bareMs).toFixed(2), isC ? '' : '2.0'],
      [language, 'cold run minus bare start', `${(coldMs - bareMs).toFixed(2)} ms`, isC ? '< 12 ms' : ''],
      [
        language,
        `runs / bare starts per second, ${CALLERS} callers`,
        (rates.engine / rates.bare).toFixed(2),
        '0.7',
      ],
      [
        language,
        'runs and bare starts per second',
        `${rates.engine.toFixed(0)} and ${rates.bare.toFixed(0)}`,
        '',
      ],
    ];
  } finally {
    bare.remove();
  }
}

/** Measures small runs next to a run that prints 10 MB, and next to one that only computes. */
async function neighbours() {
  const { samples, timed } = stopwatch();
  const [[, hello]] = HELLO;
  for (const [name, code] of [
    ['print', 'import sys\nfor _ in range(100): sys.stdout.write("x" * 99_999 + "\\n")'],
    ['compute', 'x = 0\nfor i in range(3_000_000): x += i'],
  ]) {
    for (let round = 0; round < Math.max(3, ROUNDS / 5); round += 1) {
      let hasEnded = false;
      const neighbour = warm.run('python', code).finally(() => (hasEnded = true));
      while (!hasEnded) await timed(name, () => warm.run('python', hello));
      await neighbour;
    }
  }
  const [print, compute] = ['print', 'compute'].map((name) => quantile(samples.get(name), 0.5));
  return [
    'python',
    'run next to one that prints 10 MB / next to one that computes, p50',
    (print / compute).toFixed(2),
    '',
  ];
}
