import { type Gateway, startGateway } from './support/gateway';
import { LARGE_BODIES, LARGE_BODY_BYTES } from './support/large-body';
import { expectProblem } from './support/problem';
import { sizeTests } from './support/size-tests';
import { sendRaw } from './support/raw-http';

const PATH = '/api/upload';
const CODE_MAX_BYTES = 16;
const INPUT_MAX_BYTES = 8;
const SETTINGS = {
  CODE_MAX_BYTES: CODE_MAX_BYTES.toString(),
  INPUT_MAX_BYTES: INPUT_MAX_BYTES.toString(),
};

describe('with small limits', () => {
  sizeTests(SETTINGS, CODE_MAX_BYTES, INPUT_MAX_BYTES);
});

describe('a body of 100 MB', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  it.each(LARGE_BODIES)('%s is not read into memory', async (_name, parts) => {
    const before = process.memoryUsage().rss;
    const response = await sendRaw(gateway.api.url, parts(PATH));
    expect(process.memoryUsage().rss - before).toBeLessThan(LARGE_BODY_BYTES);
    expectProblem(response, 413, 'payload-too-large', PATH);
  });
});
