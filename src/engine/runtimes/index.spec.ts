import { RUNTIMES } from './index';

describe('RUNTIMES', () => {
  it('contains thirteen languages', () => {
    expect(RUNTIMES.map(({ id }) => id).sort()).toEqual([
      'bash',
      'c',
      'cpp',
      'go',
      'java',
      'javascript',
      'lua',
      'perl',
      'php',
      'python',
      'ruby',
      'rust',
      'typescript',
    ]);
  });

  it('has unique ids and aliases in lower case', () => {
    const names = RUNTIMES.flatMap(({ id, aliases }) => [id, ...aliases]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9+]*$/);
  });

  it('has unique extensions without a dot', () => {
    expect(new Set(RUNTIMES.map(({ extension }) => extension)).size).toBe(RUNTIMES.length);
    for (const { extension } of RUNTIMES) expect(extension).toMatch(/^[a-z]+$/);
  });

  it.each(RUNTIMES.map((runtime) => [runtime.id, runtime] as const))(
    '%s builds its commands from its tools, and its version pattern has one group',
    (_id, { tools, version, compile, run }) => {
      const found = Object.fromEntries(Object.keys(tools).map((name) => [name, `/tools/${name}`]));
      const context = { app: '/app', source: '/app/main.x', tools: found, memoryMb: 256, code: '' };
      for (const command of [version.command(found), run(context), compile?.(context) ?? ['/tools/']]) {
        expect(command[0]).toMatch(/^\/(tools|app)\//);
        expect(command).not.toContain('');
        expect(command.join(' ')).not.toMatch(/undefined|NaN/);
      }
      expect(new RegExp(`${version.pattern.source}|`).exec('')).toHaveLength(2);
    },
  );
});
