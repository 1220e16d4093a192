import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { expectNoChange } from './support/footprint';
import { type Gateway, startGateway } from './support/gateway';

const UPLOAD = JSON.stringify({ code: 'print(1)', language: 'python' });

describe('an incomplete request', () => {
  let gateway: Gateway;
  let jobId = '';
  beforeAll(async () => {
    gateway = await startGateway();
    jobId = await gateway.api.upload('python', 'print("already stored")');
  });
  afterAll(() => gateway.close());

  it.each([
    ['an upload', () => '/api/upload', UPLOAD],
    ['an execution', () => `/api/execute/${jobId}`, '{"input":"World"}'],
    ['a cancel', () => `/api/cancel/${jobId}`, '{}      '],
  ])(
    '%s whose connection breaks in the middle of the body changes nothing, and the service keeps serving',
    async (_name, path, body) => {
      await expectNoChange(gateway, async () => {
        const arrived = once(gateway.app.getHttpServer(), 'request') as Promise<[IncomingMessage]>;
        const { hostname, port } = new URL(gateway.api.url);
        const socket = connect(Number(port), hostname);
        const half = body.slice(0, body.length / 2);
        socket.write(
          `POST ${path()} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length.toString()}\r\n\r\n${half}`,
        );
        const [request] = await arrived;
        // `once` of node:events would reject: the request ends with an error, as expected.
        const closed = new Promise((resolve) => request.once('close', resolve));
        socket.destroy();
        await closed;
        expect(request.complete).toBe(false);
        expect((await gateway.api.get('/api/health/live')).status).toBe(200);
      });
    },
  );

  it('is ended by a request timeout', () => {
    const { requestTimeout } = gateway.app.getHttpServer();
    expect(requestTimeout).toBeGreaterThan(0);
    expect(requestTimeout).toBeLessThanOrEqual(300_000);
  });
});
