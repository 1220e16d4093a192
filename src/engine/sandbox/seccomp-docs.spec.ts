/** docs/security.md names the calls that the filter refuses: the same ones, in the same groups, with the same errors. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONDITIONAL_SYSCALLS, SECCOMP_DENYLIST } from './seccomp-denylist';

const page = readFileSync(join(__dirname, '../../../docs/security.md'), 'utf8');
const section = page.split(/^## /m).find((text) => text.startsWith('Refused system calls')) ?? '';
const rows = section
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) => line.split('|').map((cell) => cell.trim()));
const namesIn = (cell = ''): string[] => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name).sort();

describe('docs/security.md', () => {
  it.each(SECCOMP_DENYLIST)(
    'has the calls of "$name" with their error and a reason',
    ({ name, syscalls, errno }) => {
      const row = rows.find(([, group]) => group === name);
      expect(namesIn(row?.[2])).toEqual(Object.keys(syscalls).sort());
      expect(row?.[3]).toBe(`\`${errno}\``);
      expect(row?.[4]).toMatch(/\.$/);
    },
  );

  it('has the calls whose arguments decide', () => {
    const named = rows.flatMap(([, call]) => namesIn(call));
    expect(named.sort()).toEqual(Object.keys(CONDITIONAL_SYSCALLS).sort());
  });

  it('has no group besides', () => {
    const groups = rows
      .filter(([, , , error]) => /^`E(PERM|NOSYS)`$/.test(error ?? ''))
      .map(([, group]) => group);
    const plain = groups.filter((group) => !group?.startsWith('`'));
    expect(plain).toEqual(SECCOMP_DENYLIST.map(({ name }) => name));
  });
});
