import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeEachDeployment } from './support/each-deployment';
import { runWithoutLeftovers } from './support/leftovers';
import { PRINT_ENVIRONMENT, PRINT_PROCESSES } from './support/misbehaving-programs';

const CANARY = 'canary-of-the-host';
process.env['CANARY_VARIABLE'] = CANARY;

describeEachDeployment({}, (gateway) => {
  it.each([...PRINT_ENVIRONMENT, ...PRINT_PROCESSES])(
    'a %s program does not see the environment of the service',
    async (language, code) => {
      const { verdict, stdout } = await runWithoutLeftovers(gateway().api, language, code);
      expect(verdict).toBe('OK');
      expect(stdout).not.toContain(CANARY);
    },
  );

  it.each([
    [
      'python',
      'import os, sys\nfor p in sys.stdin.read().split():\n  try: print(open(p).read() if os.path.isfile(p) else os.listdir(p))\n  except OSError as e: print(e.strerror)',
    ],
    [
      'bash',
      'while read -r p; do [ -e "$p" ] && { ls -R "$p"; cat "$p"; } || echo No such file or directory; done',
    ],
    [
      'javascript',
      'const fs = require("fs"); for (const p of fs.readFileSync(0, "utf8").trim().split("\\n")) console.log(fs.existsSync(p) ? fs.readdirSync(p) : "No such file or directory")',
    ],
  ])('a %s program sees neither the data directory nor the files of the service', async (language, code) => {
    const { api, dataDir } = gateway();
    writeFileSync(join(dataDir, 'canary'), CANARY);
    const paths = [
      join(dataDir, 'canary'),
      dataDir,
      join(dataDir, 'jobs.db'),
      process.cwd(),
      '/proc/1/root',
      '/proc/1/cwd',
    ];
    const { stdout } = await runWithoutLeftovers(api, language, code, { input: `${paths.join('\n')}\n` });
    expect(stdout?.trim().split('\n').slice(0, 4)).toEqual(Array(4).fill('No such file or directory'));
    expect(stdout).not.toContain(CANARY);
    expect(stdout).not.toContain('canary');
  });
});
