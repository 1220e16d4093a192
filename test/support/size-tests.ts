import type { Overrides } from './applications';
import { expectNoChange } from './footprint';
import { type Gateway, startGateway } from './gateway';
import { expectProblem } from './problem';

const PATH = '/api/upload';

/**
 * @param overrides additional settings
 * @param codeMax limit of the code with these settings, in bytes
 * @param inputMax limit of the input with these settings, in bytes
 */
export function sizeTests(overrides: Overrides, codeMax: number, inputMax: number): void {
  let gateway: Gateway;
  let jobId = '';
  beforeAll(async () => {
    gateway = await startGateway(overrides);
    jobId = await gateway.api.upload('bash', 'cat');
  });
  afterAll(() => gateway.close());

  const expectRejected = async (path: string, body: object, limit: number): Promise<void> => {
    const response = await expectNoChange(gateway, () => gateway.api.post(path, body));
    expect(expectProblem(response, 413, 'payload-too-large', path).detail).toContain(
      `${limit.toString()} bytes`,
    );
  };

  it.each([
    ['characters of one byte', 'a'.repeat(codeMax + 1)],
    ['characters of two bytes', 'é'.repeat(codeMax / 2) + 'a'],
    ['control characters, six bytes each in JSON', '\u0001'.repeat(codeMax + 1)],
  ])('rejects code one byte over the limit (%s) with 413 and the limit', async (_what, code) => {
    await expectRejected(PATH, { code, language: 'bash' }, codeMax);
  });

  it.each([
    ['characters of one byte', 'a'.repeat(codeMax)],
    ['characters of two bytes', 'é'.repeat(codeMax / 2)],
    ['control characters, six bytes each in JSON', '\u0001'.repeat(codeMax)],
  ])('accepts code of exactly the limit (%s)', async (_what, code) => {
    const id = await gateway.api.upload('bash', code);
    expect((await gateway.api.status(id))['code_bytes']).toBe(codeMax);
  });

  it.each([
    ['characters of one byte', 'a'.repeat(inputMax + 1)],
    ['characters of two bytes', 'é'.repeat(inputMax / 2) + 'a'],
    ['NUL, six bytes each in JSON', '\0'.repeat(inputMax + 1)],
  ])('rejects input one byte over the limit (%s) with 413 and the limit', async (_what, input) => {
    await expectRejected(`/api/execute/${jobId}`, { input }, inputMax);
  });

  it('accepts input of exactly the limit', async () => {
    const job = await gateway.api.execute(jobId, { input: '\0'.repeat(inputMax) });
    expect(job).toMatchObject({ verdict: 'OK', stdout_bytes: inputMax });
  });
}
