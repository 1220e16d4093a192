// The engine beside bare interpreters that this same process starts without any isolation, alternating, so that whatever
// else the machine does meets both alike: ratios are ours, absolute times are the machine's.
// Usage: npm run bench:engine [-- ROUNDS]
import { availableParallelism } from 'node:os';
import { Bare } from './engine/bare.mjs';
import { startEngine } from './engine/engines.mjs';
import { idleMemory } from './engine/idle-memory.mjs';
import { HELLO } from './engine/programs.mjs';
import { printTable } from './engine/table.mjs';
import { perSecond } from './engine/throughput.mjs';
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
  'memory of an idle engine, no sandbox waiting',
  `${(await idleMemory()).toFixed(0)} MB`,
  '< 120 MB',
]);
printTable(ROUNDS, rows);

async function measure(language, code) {
  const bare = new Bare(language, code, warm.installed(language));
  const { samples, timed, forget } = stopwatch();
  try {
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
      if (round === 0) forget();
      await warm.waits(language);
      await timed('warm', () => warm.run(language, code, language === 'c' ? 'prepared' : 'warm'));
      await timed('bare', () => bare.start());
      await timed('cold', () => cold.run(language, code, 'cold'));
    }
    const [w, b, c] = ['warm', 'bare', 'cold'].map((name) => quantile(samples.get(name), 0.5));
    const p99 = quantile(samples.get('warm'), 0.99);
    const rates = await perSecond(SLICES, CALLERS, {
      engine: () => warm.run(language, code),
      bare: () => bare.start(),
    });
    const isC = language === 'c';
    return [
      [language, 'bare start, p50', `${b.toFixed(2)} ms`, ''],
      isC
        ? [language, 'second run, on top of the bare start', `${(w - b).toFixed(2)} ms`, '< 12 ms']
        : [language, 'warm run / bare start, p50', (w / b).toFixed(2), '0.5'],
      [language, 'warm run, p50 and p99', `${w.toFixed(2)} and ${p99.toFixed(2)} ms`, ''],
      [language, 'cold run / bare start, p50', (c / b).toFixed(2), isC ? '' : '2.0'],
      [language, 'cold run, on top of the bare start', `${(c - b).toFixed(2)} ms`, isC ? '< 12 ms' : ''],
      [
        language,
        `runs a second, ${CALLERS} callers / bare starts`,
        (rates.engine / rates.bare).toFixed(2),
        '0.7',
      ],
      [
        language,
        'runs a second and bare starts',
        `${rates.engine.toFixed(0)} and ${rates.bare.toFixed(0)}`,
        '',
      ],
    ];
  } finally {
    bare.remove();
  }
}

/** What a run that prints 10 MB costs one beside it, and what one that only computes costs it. */
async function neighbours() {
  const { samples, timed } = stopwatch();
  const [[, hello]] = HELLO;
  for (const [name, code] of [
    ['print', 'import sys\nfor _ in range(100): sys.stdout.write("x" * 99_999 + "\\n")'],
    ['compute', 'x = 0\nfor i in range(3_000_000): x += i'],
  ]) {
    for (let round = 0; round < Math.max(3, ROUNDS / 5); round += 1) {
      let over = false;
      const beside = warm.run('python', code).finally(() => (over = true));
      while (!over) await timed(name, () => warm.run('python', hello));
      await beside;
    }
  }
  const [print, compute] = ['print', 'compute'].map((name) => quantile(samples.get(name), 0.5));
  return [
    'python',
    'run beside one that prints 10 MB / beside one that computes, p50',
    (print / compute).toFixed(2),
    '',
  ];
}
