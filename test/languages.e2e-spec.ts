/** Every language, through the whole service. */
import { type Gateway, startGateway } from './support/gateway';
import { HELLO } from './support/hello';

describe('every language', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  it.each(Object.entries(HELLO))(
    '%s reads its input and prints',
    async (language, code) => {
      const job = await gateway.api.run(language, code, { input: 'World\n', timeout: 10_000 });
      expect(job).toMatchObject({
        status: 'SUCCESS',
        verdict: 'OK',
        exit_code: 0,
        stdout: 'hello World\n',
        stderr: '',
      });
    },
    60_000,
  );
});
