/** The README names every setting, and its default is the one that holds. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, readEnvironment } from './environment';

const README = readFileSync(join(__dirname, '../../README.md'), 'utf8');
const DEFAULTS = readEnvironment({});

/** The rows of the tables under "Configuration": one name or several, and as many defaults or one for all. */
function documented(): [name: string, value: string][] {
  const section = /\n## Configuration\n(.*?)\n## /s.exec(README)?.[1] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => {
    const [, names = '', values = ''] = row.split('|').map((cell) => cell.trim());
    const defaults = values.split(', ');
    return names
      .split(', ')
      .map((name, index): [string, string] => [
        name.replaceAll('`', ''),
        defaults[index] ?? defaults[0] ?? '',
      ]);
  });
}

describe('The README', () => {
  it('names every setting and no other', () => {
    // PATH is the system's.
    const { PATH: _, ...settings } = DEFAULTS;
    expect(
      documented()
        .map(([name]) => name)
        .sort(),
    ).toEqual(Object.keys(settings).sort());
  });

  it.each(documented())('has the default of %s: %s', (name, value) => {
    const literal = /^`([^`{]*)`$/.exec(value)?.[1];
    const actual = DEFAULTS[name as keyof Environment];
    if (literal !== undefined) expect(String(actual)).toBe(literal);
    // In words: it is none, or made of other settings and of the machine.
    else if (['empty', 'from host and port'].includes(value)) expect(actual).toBeUndefined();
    else expect(value).toMatch(/^(number of cores|the lower of|`service-server-engine-\{uid\}`)/);
  });
});
