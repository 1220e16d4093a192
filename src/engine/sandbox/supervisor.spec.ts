import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const SCRIPT = readFileSync(join(__dirname, 'supervisor.pl'), 'utf8');
/** Compiles the script without running it, except for its CHECK blocks. */
const compile = (script: string, ...options: string[]): { stdout: string; stderr: string } =>
  spawnSync('perl', [...options, '-c', '-'], { input: script, encoding: 'utf8' });

/** The supervisor starts in 2 ms because it loads no modules, so a test checks it with `strict` and `warnings` instead. */
describe('supervisor.pl', () => {
  it('compiles under strict and warnings without a message', () => {
    expect(compile(SCRIPT, '-Mstrict', '-Mwarnings').stderr).toBe('- syntax OK\n');
  });

  it('loads no module, not even through a built-in function', () => {
    const printModules = `CHECK { print join ' ', sort keys %INC }\n`;
    expect(compile(printModules + SCRIPT).stdout).toBe('');
    expect(compile(`${printModules}my @files = glob '*';\n${SCRIPT}`).stdout).toContain('File/Glob.pm');
  });

  it('loads no module at run time', () => {
    const code = SCRIPT.replaceAll(/(^|\s)#.*$/gm, '');
    expect(code).not.toMatch(/\b(require|eval|do\s+['"$])/);
  });
});
