import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, type ServerResponse, globalAgent } from 'node:http';
import { text } from 'node:stream/consumers';
import type { HttpEngineClient } from '../../src/execution/engine-clients/http-engine.client';
import { httpClient } from './engine-adapters';
import { createRecorder, requestOf, textOf } from './engine-requests';
import { type BareServer, breakOff, startBareServer, unusedUrl } from './misbehaving-engine';

const REQUEST = requestOf('python', 'print("é")', { input: 'in', timeoutMs: 1234 });
const REPORT = {
  type: 'report',
  job_id: REQUEST.jobId,
  status: 'SUCCESS',
  verdict: 'OK',
  exit_code: 0,
  signal: null,
  stdout: 'a',
  stderr: '',
  stdout_bytes: 1,
  stderr_bytes: 0,
  stdout_truncated: false,
  stderr_truncated: false,
  compile: null,
  queued_ms: 0,
  error_message: null,
  resource: { execution_time_ms: 1, cpu_time_ms: 1, cpu_percent: 1, memory_mb: 1, accounting: 'rusage' },
  completed_at: '2026-01-31T12:00:00.000Z',
};
const RESULT = {
  status: 'SUCCESS',
  verdict: 'OK',
  exit_code: 0,
  signal: null,
  queued_ms: 2,
  error_message: null,
  stdout: 'a',
  stderr: '',
  stdout_bytes: 1,
  stderr_bytes: 0,
  sandbox: 'warm',
  stdout_truncated: false,
  stderr_truncated: false,
  resource: REPORT.resource,
};
const line = (message: object): string => `${JSON.stringify(message)}\n`;
const OUTPUT = line({ type: 'output', seq: 0, t_ms: 1, stream: 'stdout', data: 'a' });

describe('HttpEngineClient', () => {
  let handleRequest: RequestListener;
  let server: BareServer;
  let client: HttpEngineClient;
  beforeEach(async () => {
    server = await startBareServer((request, response) => {
      handleRequest(request, response);
    });
    client = httpClient(server.url);
  });
  afterEach(() => server.close());

  const answerWith = (body: string, status = 200, headers: Record<string, string> = {}): void => {
    handleRequest = (_request, response) => response.writeHead(status, headers).end(body);
  };
  const execute = () => client.execute(REQUEST, createRecorder());

  describe('sends', () => {
    it('the fields of an execution as JSON, and accepts a stream', async () => {
      let received: unknown;
      handleRequest = (request, response) => {
        void text(request).then((body) => {
          const { method, url, headers } = request;
          received = [method, url, headers.accept, headers['content-type'], JSON.parse(body)];
          response.end(line(REPORT));
        });
      };
      await execute();
      const { jobId, ...same } = {
        jobId: REQUEST.jobId,
        client: 'a client',
        language: 'python',
        code: 'print("é")',
        input: 'in',
      };
      const body = { job_id: jobId, ...same, timeout: 1234 };
      expect(received).toEqual(['POST', '/execute', 'application/x-ndjson', 'application/json', body]);
    });

    it('`inputs` instead of `input`', async () => {
      let received: unknown;
      handleRequest = (request, response) => {
        void text(request).then((body) => {
          received = JSON.parse(body);
          response.end(line({ ...REPORT, results: [RESULT, RESULT] }));
        });
      };
      const { results } = await client.execute({ ...REQUEST, inputs: ['a', ''] }, createRecorder());
      expect(received).toMatchObject({ inputs: ['a', ''] });
      expect(received).not.toHaveProperty('input');
      expect(results).toMatchObject([
        { verdict: 'OK', exitCode: 0, sandbox: 'warm', queuedMs: 2, resource: { memoryMb: 1 } },
        { verdict: 'OK' },
      ]);
    });

    it('the limits of an execution in snake case', async () => {
      let received: unknown;
      handleRequest = (request, response) => {
        void text(request).then((body) => {
          received = JSON.parse(body);
          response.end(line(REPORT));
        });
      };
      await client.execute({ ...REQUEST, limits: { memoryMb: 32, cpuMs: undefined } }, createRecorder());
      expect((received as Record<string, unknown>)['limits']).toEqual({ memory_mb: 32 });
    });

    it.each([
      [200, true],
      [404, false],
    ])('a cancellation without a body, and understands the status %d', async (status, confirmed) => {
      let received: IncomingMessage | undefined;
      handleRequest = (request, response) => {
        received = request;
        response.writeHead(status).end('{}');
      };
      expect(await client.cancel(REQUEST.jobId)).toBe(confirmed);
      expect([received?.method, received?.url]).toEqual(['POST', `/cancel/${REQUEST.jobId}`]);
      expect(received?.headers['content-type']).toBeUndefined();
    });
  });

  describe('reads the stream', () => {
    it('in parts of any size, even within a character', async () => {
      const bytes = Buffer.from(line({ ...JSON.parse(OUTPUT), data: '😀\u2028' } as object) + line(REPORT));
      handleRequest = (_request, response) => {
        void writeByteByByte(response, bytes);
      };
      const recorder = createRecorder();
      expect(await client.execute(REQUEST, recorder)).toMatchObject({
        verdict: 'OK',
        exitCode: 0,
        stdout: 'a',
      });
      expect(textOf(recorder.chunks)).toBe('😀\u2028');
    });

    it('whose last line has no line break', async () => {
      answerWith(OUTPUT + JSON.stringify(REPORT));
      expect(await execute()).toMatchObject({ verdict: 'OK' });
    });

    it('and returns the report at once, whether the response ends after it, continues or is interrupted', async () => {
      handleRequest = (_request, response) => response.write(line(REPORT));
      expect(await execute()).toMatchObject({ verdict: 'OK' });
      handleRequest = (_request, response) => {
        breakOff(response, 200, line(REPORT));
      };
      expect(await execute()).toMatchObject({ verdict: 'OK' });
    });

    it('without fields that this version does not know', async () => {
      const unknown = { future_field: 1 };
      answerWith(line({ ...REPORT, ...unknown, resource: { ...REPORT.resource, ...unknown } }));
      const report = await execute();
      answerWith(line(REPORT));
      expect(report).toStrictEqual(await execute());
    });

    it('over one connection for consecutive executions', async () => {
      let unfinished: ServerResponse | undefined;
      handleRequest = (_request, response) => {
        unfinished = response;
        response.write(OUTPUT + line(REPORT));
      };
      for (let count = 0; count < 5; count += 1) {
        const free = once(globalAgent, 'free');
        await execute();
        unfinished?.end();
        await free;
      }
      expect(server.connections()).toBe(1);
    });
  });

  describe('fails with engine-unavailable', () => {
    it('in every method when no server listens', async () => {
      const down = httpClient(await unusedUrl());
      const calls = [
        () => down.execute(REQUEST, createRecorder()),
        () => down.cancel(REQUEST.jobId),
        () => down.languages(),
        () => down.ping(),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'engine-unavailable' });
    });

    it('when the connection is reset before the response', async () => {
      handleRequest = ({ socket }) => socket.resetAndDestroy();
      await expect(execute()).rejects.toMatchObject({ code: 'engine-unavailable' });
    });

    it('after 5 s without a response, in methods that do not wait for a program', async () => {
      handleRequest = () => undefined;
      const calls = [client.ping(), client.languages(), client.cancel(REQUEST.jobId)];
      for (const result of await Promise.allSettled(calls))
        expect(result).toMatchObject({ status: 'rejected', reason: { code: 'engine-unavailable' } });
    });
  });

  describe('fails with engine-error when the response to an execution is', () => {
    it.each([
      ['nothing', ''],
      ['HTML', '<html>It works!</html>'],
      ['bytes that are not UTF-8', '\xff\xfe\0\n'],
      ['an empty line', '\n'],
      ['null', 'null\n'],
      ['a list', '[]\n'],
      ['a line without a type', '{}\n'],
      ['a line of an unknown type', line({ type: 'hello' })],
      ['output without a report', OUTPUT],
      ['an incomplete report', JSON.stringify(REPORT).slice(0, -10)],
      ['a report within a list', JSON.stringify([REPORT])],
      ['an output line without its text', line({ type: 'output', seq: 0, t_ms: 1, stream: 'stdout' })],
      ['an output line with an unknown stream', line({ ...JSON.parse(OUTPUT), stream: 'stdin' } as object)],
      [
        'a problem that the client does not pass on',
        line({ type: 'problem', code: 'internal-error', detail: 'x' }),
      ],
      ['a problem without a code', line({ type: 'problem' })],
    ])('%s', async (_what, body) => {
      answerWith(body);
      await expect(execute()).rejects.toMatchObject({ code: 'engine-error' });
    });

    it.each<[string, unknown]>([
      ['verdict', 'FINE'],
      ['verdict', undefined],
      ['exit_code', '0'],
      ['exit_code', 0.5],
      ['stdout', 5],
      ['stdout', null],
      ['stdout_bytes', -1],
      ['stdout_bytes', '1'],
      ['stderr_truncated', 'false'],
      ['signal', 9],
      ['resource', []],
      ['resource', 'much'],
      ['resource', {}],
      ['resource', { ...REPORT.resource, memory_mb: 'much' }],
      ['compile', { exit_code: 0 }],
      ['compile', true],
      ['queued_ms', null],
      ['completed_at', 'yesterday'],
      ['error_message', {}],
    ])('a report whose %s is %j', async (field, value) => {
      answerWith(line({ ...REPORT, [field]: value }));
      await expect(execute()).rejects.toMatchObject({ code: 'engine-error' });
    });

    it.each<[string, unknown]>([
      ['no results', undefined],
      ['null as results', null],
      ['results that are not a list', { 0: RESULT, 1: RESULT, length: 2 }],
      ['too few results', [RESULT]],
      ['too many results', [RESULT, RESULT, RESULT]],
      ['a result that is not an object', [RESULT, 'OK']],
      ['a result that is null', [RESULT, null]],
      ['a result that is a list', [RESULT, [RESULT]]],
      ['a result without its verdict', [RESULT, { ...RESULT, verdict: undefined }]],
      ['a result with an invalid resource usage', [RESULT, { ...RESULT, resource: {} }]],
    ])('a report of two inputs with %s', async (_what, results) => {
      answerWith(line({ ...REPORT, results }));
      const execution = client.execute({ ...REQUEST, inputs: ['a', 'b'] }, createRecorder());
      await expect(execution).rejects.toMatchObject({ code: 'engine-error' });
    });

    it('a report of a single input with results', async () => {
      answerWith(line({ ...REPORT, results: [RESULT] }));
      await expect(execute()).rejects.toMatchObject({ code: 'engine-error' });
    });

    it.each([
      ['although there is a single one', 0, undefined],
      ['without its index, for several', undefined, ['a', 'b']],
      ['that does not exist', 2, ['a', 'b']],
      ['with a negative index', -1, ['a', 'b']],
      ['with a fractional index', 0.5, ['a', 'b']],
      ['with a text as its index', '0', ['a', 'b']],
    ])('an output line of an input %s', async (_what, input, inputs) => {
      const results = inputs?.map(() => RESULT);
      answerWith(line({ ...JSON.parse(OUTPUT), input } as object) + line({ ...REPORT, results }));
      const execution = client.execute({ ...REQUEST, inputs }, createRecorder());
      await expect(execution).rejects.toMatchObject({ code: 'engine-error' });
    });

    it('interrupted by a reset, after passing on the output before it', async () => {
      handleRequest = (_request, response) => {
        breakOff(response, 200, `${OUTPUT}{"type":"rep`);
      };
      const recorder = createRecorder();
      await expect(client.execute(REQUEST, recorder)).rejects.toMatchObject({ code: 'engine-error' });
      expect(textOf(recorder.chunks)).toBe('a');
    });

    it.each([
      ['500 without a body', 500, ''],
      ['502 of a proxy', 502, '<html>Bad Gateway</html>'],
      ['404', 404, '{"code":"route-not-found"}'],
      ['a redirect', 302, ''],
      ['409 of the engine', 409, '{"code":"job-already-running","detail":"x"}'],
      ['a problem of the gateway’s own', 500, '{"code":"storage-unavailable","detail":"x"}'],
    ])('%s', async (_what, status, body) => {
      answerWith(body, status, { location: '/elsewhere' });
      await expect(execute()).rejects.toMatchObject({ code: 'engine-error' });
    });

    it('an error with an incomplete body', async () => {
      handleRequest = (_request, response) => {
        breakOff(response, 503, '{"code":"engine-b');
      };
      await expect(execute()).rejects.toMatchObject({ code: 'engine-error' });
    });
  });

  describe('fails with engine-error when', () => {
    it.each(['', '<html>', '{}', '[]', 'null', '{"status":"fine","isolation":"bubblewrap"}'])(
      'the response to the health request is %j',
      async (body) => {
        answerWith(body, 200, { 'content-type': 'application/json' });
        await expect(client.ping()).rejects.toMatchObject({ code: 'engine-error' });
      },
    );

    it.each(['', '<html>', '{}', '[null]', '[[]]', '[{"id":"python"}]'])(
      'the response to the language request is %j',
      async (body) => {
        answerWith(body, 200, { 'content-type': 'application/json' });
        await expect(client.languages()).rejects.toMatchObject({ code: 'engine-error' });
      },
    );

    it('a cancellation returns 500', async () => {
      answerWith('', 500);
      await expect(client.cancel(REQUEST.jobId)).rejects.toMatchObject({ code: 'engine-error' });
    });
  });

  it.each(['engine-busy', 'sandbox-unavailable', 'unsupported-language', 'shutting-down'])(
    'passes on %s with its detail and Retry-After',
    async (code) => {
      answerWith(JSON.stringify({ code, detail: 'Sent by the engine.' }), 503, { 'retry-after': '7' });
      await expect(execute()).rejects.toMatchObject({
        code,
        detail: 'Sent by the engine.',
        extras: { headers: { 'retry-after': '7' } },
      });
    },
  );

  it('passes on the same problems from a stream', async () => {
    answerWith(OUTPUT + line({ type: 'problem', code: 'shutting-down', detail: 'Sent by the engine.' }));
    await expect(execute()).rejects.toMatchObject({ code: 'shutting-down', detail: 'Sent by the engine.' });
  });

  it('reads the health of an engine that cannot execute from a 503 response', async () => {
    const health = { isolation: 'none', accounting: null, warning: 'Install it.' };
    const type = { 'content-type': 'application/json' };
    answerWith(JSON.stringify({ status: 'down', ...health }), 503, type);
    expect(await client.ping()).toEqual({ ...health, canExecute: false });
  });

  describe('cancels', () => {
    it.each<[string, (response: ServerResponse, cancelRequests: number) => void]>([
      ['does not know the execution', (response) => response.writeHead(404).end()],
      [
        'rejects the cancellation at first',
        (response, cancelRequests) => response.writeHead(cancelRequests === 1 ? 500 : 404).end(),
      ],
    ])('an execution by closing its connection when the engine %s', async (_what, answerCancel) => {
      let cancelRequests = 0;
      const disconnected = new Promise<void>((resolve) => {
        handleRequest = ({ url }, response) => {
          if (url !== '/execute') answerCancel(response, (cancelRequests += 1));
          else {
            void once(response, 'close').then(() => {
              resolve();
            });
            response.write(OUTPUT);
          }
        };
      });
      const recorder = createRecorder();
      const execution = client.execute(REQUEST, recorder);
      await recorder.waitForOutput('a');
      recorder.stop();
      expect(await execution).toMatchObject({ verdict: 'CANCELLED', exitCode: null });
      await disconnected;
    });

    it.each<[string, (response: ServerResponse) => void, string]>([
      ['rejects the cancellation', (response) => response.writeHead(500).end(), 'engine-error'],
      ['breaks the connection', (response) => response.socket?.resetAndDestroy(), 'engine-unavailable'],
    ])(
      'nothing, and fails, when the engine %s, because the program may still run',
      async (_what, answerCancel, code) => {
        handleRequest = ({ url }, response) => {
          if (url !== '/execute') answerCancel(response);
          else response.write(OUTPUT);
        };
        const recorder = createRecorder();
        const execution = client.execute(REQUEST, recorder);
        await recorder.waitForOutput('a');
        recorder.stop();
        await expect(execution).rejects.toMatchObject({ code });
      },
    );

    it('all inputs with a result for each when the engine sends no report', async () => {
      handleRequest = ({ url }, response) => {
        if (url !== '/execute') response.writeHead(404).end();
        else response.write(line({ ...JSON.parse(OUTPUT), input: 0 } as object));
      };
      const recorder = createRecorder();
      const execution = client.execute({ ...REQUEST, inputs: ['a', 'b'] }, recorder);
      await recorder.waitForOutput('a');
      recorder.stop();
      const { results, verdict } = await execution;
      expect([verdict, results?.map((result) => result.verdict)]).toEqual([
        'CANCELLED',
        ['CANCELLED', 'CANCELLED'],
      ]);
    });

    it('and prefers the report that the engine sends', async () => {
      let running: ServerResponse | undefined;
      handleRequest = ({ url }, response) => {
        if (url === '/execute') {
          running = response;
          response.write(OUTPUT);
        } else {
          response.writeHead(200).end('{}');
          running?.end(line({ ...REPORT, status: 'CANCELLED', verdict: 'CANCELLED', signal: 'SIGKILL' }));
        }
      };
      const recorder = createRecorder();
      const execution = client.execute(REQUEST, recorder);
      await recorder.waitForOutput('a');
      recorder.stop();
      expect(await execution).toMatchObject({ verdict: 'CANCELLED', signal: 'SIGKILL', stdout: 'a' });
    });
  });
});

async function writeByteByByte(response: ServerResponse, bytes: Buffer): Promise<void> {
  response.socket?.setNoDelay(true);
  for (const byte of bytes) {
    response.write(Buffer.of(byte));
    await new Promise(setImmediate);
  }
  response.end();
}
