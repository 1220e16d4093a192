/** What is too large: each limit is told, is exact, and is kept whatever way the bytes come. */
import type { Answer } from './support/api';
import { changesNothing } from './support/footprint';
import { type Gateway, startGateway } from './support/gateway';
import { expectProblem } from './support/problem';
import { exchange } from './support/wire';

const MIB = 1024 * 1024;
const PATH = '/api/upload';

/** Limits in bytes; those of the gateway are the defaults when there are no overrides. */
const LIMITS = [
  ['small limits', { CODE_MAX_BYTES: '16', INPUT_MAX_BYTES: '8' }, 16, 8],
  ['the default limits', {}, MIB, MIB],
] as const;

describe.each(LIMITS)('with %s', (_name, overrides, codeMax, inputMax) => {
  let gateway: Gateway;
  let jobId = '';
  beforeAll(async () => {
    gateway = await startGateway(overrides);
    jobId = await gateway.api.upload('bash', 'cat');
  });
  afterAll(() => gateway.close());

  const refused = async (path: string, body: object, limit: number): Promise<void> => {
    const answer = await changesNothing(gateway, () => gateway.api.post(path, body));
    expect(expectProblem(answer, 413, 'payload-too-large', path).detail).toContain(
      `${limit.toString()} bytes`,
    );
  };

  it.each([
    ['characters of one byte', 'a'.repeat(codeMax + 1)],
    ['characters of two bytes', 'é'.repeat(codeMax / 2) + 'a'],
    ['control characters, six bytes each in JSON', '\u0001'.repeat(codeMax + 1)],
  ])('code that is one byte too long (%s) is a 413 that tells the limit', async (_what, code) => {
    await refused(PATH, { code, language: 'bash' }, codeMax);
  });

  it.each([
    ['characters of one byte', 'a'.repeat(codeMax)],
    ['characters of two bytes', 'é'.repeat(codeMax / 2)],
    ['control characters, six bytes each in JSON', '\u0001'.repeat(codeMax)],
  ])('code of exactly the limit (%s) is taken', async (_what, code) => {
    const id = await gateway.api.upload('bash', code);
    expect((await gateway.api.status(id))['code_bytes']).toBe(codeMax);
  });

  it.each([
    ['characters of one byte', 'a'.repeat(inputMax + 1)],
    ['characters of two bytes', 'é'.repeat(inputMax / 2) + 'a'],
    ['NUL, six bytes each in JSON', '\0'.repeat(inputMax + 1)],
  ])('input that is one byte too long (%s) is a 413 that tells the limit', async (_what, input) => {
    await refused(`/api/execute/${jobId}`, { input }, inputMax);
  });

  it('input of exactly the limit is taken', async () => {
    const job = await gateway.api.execute(jobId, { input: '\0'.repeat(inputMax) });
    expect(job).toMatchObject({ verdict: 'OK', stdout_bytes: inputMax });
  });
});

describe('a body of 100 MB', () => {
  const SIZE = 100 * MIB;
  const PART = Buffer.alloc(64 * 1024, 'a');
  const BODY_MAX = 6 * MIB + 64 * 1024;
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  function* counted(): Generator<string | Buffer> {
    yield `POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${SIZE.toString()}\r\n\r\n`;
    for (let sent = 0; sent < SIZE; sent += PART.length) yield PART;
  }

  function* chunked(): Generator<string | Buffer> {
    yield `POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    for (let sent = 0; sent < SIZE; sent += PART.length) {
      yield `${PART.length.toString(16)}\r\n`;
      yield PART;
      yield '\r\n';
    }
    yield '0\r\n\r\n';
  }

  it.each([
    ['whose length is announced', counted],
    ['in chunks', chunked],
  ])('%s is a 413 that reaches the client, and does not fill the memory', async (_name, parts) => {
    let answer: Answer | undefined;
    const before = process.memoryUsage().rss;
    await changesNothing(gateway, async () => {
      answer = await exchange(gateway.api.url, parts());
    });
    const grown = process.memoryUsage().rss - before;
    if (!answer) throw new Error('no answer');
    const { detail } = expectProblem(answer, 413, 'payload-too-large', PATH);
    expect(detail).toContain(`${BODY_MAX.toString()} bytes`);
    expect(grown).toBeLessThan(SIZE);
    expect((await gateway.api.get('/api/health/live')).status).toBe(200);
  });

  it('is too large for an execution as well, and the job stays as it is', async () => {
    const jobId = await gateway.api.upload('bash', 'cat');
    const path = `/api/execute/${jobId}`;
    const body = `{"input":"${'a'.repeat(BODY_MAX)}"}`;
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length.toString()}\r\n\r\n`;
    const answer = await changesNothing(gateway, () => exchange(gateway.api.url, [head, body]));
    expectProblem(answer, 413, 'payload-too-large', path);
  });
});
