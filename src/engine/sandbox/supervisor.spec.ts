/** The supervisor as a text: it starts in 2 ms because it loads nothing, so a test has to do what modules would. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const SCRIPT = readFileSync(join(__dirname, 'supervisor.pl'), 'utf8');
/** Compiles it, and runs nothing of it but what has to do with that. */
const compile = (script: string, ...options: string[]): { stdout: string; stderr: string } =>
  spawnSync('perl', [...options, '-c', '-'], { input: script, encoding: 'utf8' });

describe('The supervisor', () => {
  it('compiles under strict and warnings, and neither has anything to say', () => {
    expect(compile(SCRIPT, '-Mstrict', '-Mwarnings').stderr).toBe('- syntax OK\n');
  });

  it('loads no module, not even by what loads one secretly', () => {
    const telling = `CHECK { print join ' ', sort keys %INC }\n`;
    expect(compile(telling + SCRIPT).stdout).toBe('');
    expect(compile(`${telling}my @files = glob '*';\n${SCRIPT}`).stdout).toContain('File/Glob.pm');
  });

  it('loads none while it runs', () => {
    const code = SCRIPT.replaceAll(/(^|\s)#.*$/gm, '');
    expect(code).not.toMatch(/\b(require|eval|do\s+['"$])/);
  });
});
