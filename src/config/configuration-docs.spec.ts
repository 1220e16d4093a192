import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, readEnvironment } from './environment';

const PAGE = readFileSync(join(__dirname, '../../docs/configuration.md'), 'utf8');
const DEFAULTS = readEnvironment({});

/** The settings of the page's tables. A row has one name or several, and one default for each or one for all. */
function documented(): [name: string, value: string][] {
  const rows = PAGE.split('\n').filter((line) => line.startsWith('| `'));
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

describe('docs/configuration.md', () => {
  it('lists every setting and no other', () => {
    // PATH belongs to the system.
    const { PATH: _, ...settings } = DEFAULTS;
    expect(
      documented()
        .map(([name]) => name)
        .sort(),
    ).toEqual(Object.keys(settings).sort());
  });

  it.each(documented())('states the default of %s: %s', (name, value) => {
    const literal = /^`([^`{]*)`$/.exec(value)?.[1];
    const actual = DEFAULTS[name as keyof Environment];
    if (literal !== undefined) expect(String(actual)).toBe(literal);
    // A description: the setting has no default, or one that depends on other settings or on the machine.
    else if (['empty', 'from host and port'].includes(value)) expect(actual).toBeUndefined();
    else expect(value).toMatch(/^(number of cores|the lower of|`service-server-engine-\{uid\}`)/);
  });
});
