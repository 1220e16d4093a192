import { expectNoChange } from './support/footprint';
import { type Gateway, startGateway } from './support/gateway';
import { LARGE_BODIES } from './support/large-body';
import { expectProblem } from './support/problem';
import { sizeTests } from './support/size-tests';
import { sendRaw } from './support/raw-http';

const MIB = 1024 * 1024;
const PATH = '/api/upload';
const BODY_MAX = 6 * MIB + 64 * 1024;

describe('with the default limits', () => {
  sizeTests({}, MIB, MIB);
});

describe('a body of 100 MB', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  it.each(LARGE_BODIES)('%s is rejected with a 413 that reaches the client', async (_name, parts) => {
    const response = await expectNoChange(gateway, () => sendRaw(gateway.api.url, parts(PATH)));
    const { detail } = expectProblem(response, 413, 'payload-too-large', PATH);
    expect(detail).toContain(`${BODY_MAX.toString()} bytes`);
    expect((await gateway.api.get('/api/health/live')).status).toBe(200);
  });

  it('is rejected for an execution too, without changing the job', async () => {
    const jobId = await gateway.api.upload('bash', 'cat');
    const path = `/api/execute/${jobId}`;
    const body = `{"input":"${'a'.repeat(BODY_MAX)}"}`;
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length.toString()}\r\n\r\n`;
    const response = await expectNoChange(gateway, () => sendRaw(gateway.api.url, [head, body]));
    expectProblem(response, 413, 'payload-too-large', path);
  });
});
