import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONDITIONAL_SYSCALLS, SECCOMP_DENYLIST } from './seccomp-denylist';

const page = readFileSync(join(__dirname, '../../../docs/security.md'), 'utf8');
const section = page.split(/^## /m).find((text) => text.startsWith('Denied system calls')) ?? '';
const rows = section
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) => line.split('|').map((cell) => cell.trim()));
const namesIn = (cell = ''): string[] => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name).sort();

describe('docs/security.md', () => {
  it.each(SECCOMP_DENYLIST)(
    'lists the system calls of the group "$name" with their error and a reason',
    ({ name, syscalls, errno }) => {
      const row = rows.find(([, group]) => group === name);
      expect(namesIn(row?.[2])).toEqual(Object.keys(syscalls).sort());
      expect(row?.[3]).toBe(`\`${errno}\``);
      expect(row?.[4]).toMatch(/\.$/);
    },
  );

  it('lists the system calls that depend on their arguments', () => {
    const named = rows.flatMap(([, call]) => namesIn(call));
    expect(named.sort()).toEqual(Object.keys(CONDITIONAL_SYSCALLS).sort());
  });

  it('lists no other group', () => {
    const groups = rows
      .filter(([, , , error]) => /^`E(PERM|NOSYS)`$/.test(error ?? ''))
      .map(([, group]) => group);
    const denied = groups.filter((group) => !group?.startsWith('`'));
    expect(denied).toEqual(SECCOMP_DENYLIST.map(({ name }) => name));
  });
});
