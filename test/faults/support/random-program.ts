import type { Random } from './random';

export interface Program {
  readonly language: string;
  readonly code: string;
  /** Its complete output. */
  readonly output: string;
}

const LINES = [1, 20, 4000] as const;
const DURATION_MS_MAX = 3000;

/** A program with numbered lines of output and an end mark, which show whether the stored output is complete. */
export function randomProgram(random: Random): Program {
  const lines = random.pick(LINES);
  const seconds = (random.between(0, DURATION_MS_MAX) / 1000).toString();
  const numbers = Array.from({ length: lines }, (_, index) => `line ${(index + 1).toString()}\n`);
  const half = Math.floor(lines / 2);
  const output = `${numbers.join('')}END ${lines.toString()}\n`;
  // Half of the output precedes the pause, so that an interrupted attempt leaves partial output.
  const [first, rest] = [`1 ${half.toString()}`, `${(half + 1).toString()} ${lines.toString()}`];
  if (random.next() < 0.5) {
    const code = [
      `seq -f "line %.0f" ${first}`,
      `sleep ${seconds}`,
      `seq -f "line %.0f" ${rest}`,
      `echo "END ${lines.toString()}"`,
    ].join('\n');
    return { language: 'bash', code, output };
  }
  const code = [
    'import time',
    'def say(first, last):',
    '    for n in range(first, last + 1): print("line", n)',
    `say(${first.replace(' ', ', ')})`,
    `print(end="", flush=True)`,
    `time.sleep(${seconds})`,
    `say(${rest.replace(' ', ', ')})`,
    `print("END", ${lines.toString()})`,
  ].join('\n');
  return { language: 'python', code, output };
}
