import { createHash } from 'node:crypto';
import { describeEachDeployment } from './support/each-deployment';
import { runWithoutLeftovers } from './support/leftovers';

const MIB = 1024 * 1024;
const PIECE = 'line €\u{1f600}\0\n';
/** As large as the limit for an input. */
const LARGEST = PIECE.repeat(MIB / Buffer.byteLength(PIECE)).padEnd(MIB);
const INPUT = LARGEST.slice(0, LARGEST.length - (Buffer.byteLength(LARGEST) - MIB));
const DIGEST = createHash('sha256').update(INPUT).digest('hex');

describeEachDeployment({}, (gateway) => {
  it.each([
    [
      'python',
      'import hashlib, sys\nd = sys.stdin.buffer.read()\nprint(len(d), hashlib.sha256(d).hexdigest())',
    ],
    [
      'javascript',
      'const d = require("fs").readFileSync(0); console.log(d.length, require("crypto").createHash("sha256").update(d).digest("hex"))',
    ],
    ['bash', 'cat > /tmp/input; echo $(wc -c < /tmp/input) $(sha256sum < /tmp/input | cut -d " " -f 1)'],
    [
      'perl',
      'use Digest::SHA "sha256_hex"; local $/; $_ = <STDIN>; print length, " ", sha256_hex($_), "\\n"',
    ],
  ])('a %s program reads a mebibyte of input byte for byte', async (language, code) => {
    const job = await runWithoutLeftovers(gateway().api, language, code, { input: INPUT });
    expect(job).toMatchObject({
      status: 'SUCCESS',
      verdict: 'OK',
      stdout: `${MIB.toString()} ${DIGEST}\n`,
      stderr: '',
    });
  });

  it.each([
    ['python', 'print("done")'],
    ['c', '#include <stdio.h>\nint main(void) { puts("done"); return 0; }'],
    ['bash', 'echo done'],
    ['bash', 'exec < /dev/null; echo done'],
  ])('a %s program that does not read its input of a mebibyte succeeds', async (language, code) => {
    const job = await runWithoutLeftovers(gateway().api, language, code, { input: INPUT });
    expect(job).toMatchObject({
      status: 'SUCCESS',
      verdict: 'OK',
      exit_code: 0,
      stdout: 'done\n',
      stderr: '',
    });
  });

  it.each([
    ['python', 'import sys\nprint(repr(sys.stdin.read()))', "''\n"],
    ['bash', 'read -r line; echo "$? <$line>"', '1 <>\n'],
    ['javascript', 'console.log(require("fs").readFileSync(0).length)', '0\n'],
  ])('a %s program without input reads end of file', async (language, code, stdout) => {
    expect(await runWithoutLeftovers(gateway().api, language, code)).toMatchObject({ verdict: 'OK', stdout });
  });
});
