import { describeEachDeployment } from './support/each-deployment';
import { runWithoutLeftovers } from './support/leftovers';

describeEachDeployment({ ENGINE_DISK_MB: '8' }, (gateway) => {
  it.each([
    [
      'python',
      'import os\nn = 0\ntry:\n  while True:\n    with open(f"/work/{n}", "wb", 0) as f: f.write(b"x" * 1048576) == 1048576 or os._exit(4)\n    n += 1\nexcept OSError as e: print(n, e.strerror)',
      '8 No space left on device\n',
    ],
    [
      'bash',
      'cd /tmp; n=0; while head -c 1M /dev/zero > $n 2> /dev/null; do n=$((n+1)); done; echo $n',
      '8\n',
    ],
    [
      'javascript',
      'const fs = require("fs"); let n = 0; try { for (;; n++) fs.writeFileSync(`/dev/shm/${n}`, Buffer.alloc(1048576)) } catch (e) { console.log(n, e.code) }',
      '8 ENOSPC\n',
    ],
  ])('a %s program can fill no more than the disk of its sandbox', async (language, code, stdout) => {
    expect(await runWithoutLeftovers(gateway().api, language, code, { timeout: 20_000 })).toMatchObject({
      verdict: 'OK',
      stdout,
    });
  });
});
