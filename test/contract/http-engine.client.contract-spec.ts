/** What the HTTP client of an engine makes of a server that is down, broken, or no engine at all. */
import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, type ServerResponse, globalAgent } from 'node:http';
import { text } from 'node:stream/consumers';
import type { HttpEngineClient } from '../../src/execution/engine-clients/http-engine.client';
import { httpClient } from './engine-adapters';
import { recordedCalls, requestOf, textOf } from './engine-requests';
import { type BareServer, breakOff, startBareServer, unusedUrl } from './misbehaving-engine';

const REQUEST = requestOf('python', 'print("é")', { input: 'in', timeoutMs: 1234 });
const REPORT = {
  ...{ type: 'report', job_id: REQUEST.jobId, status: 'SUCCESS', verdict: 'OK', exit_code: 0, signal: null },
  ...{ stdout: 'a', stderr: '', stdout_bytes: 1, stderr_bytes: 0 },
  ...{ stdout_truncated: false, stderr_truncated: false, compile: null, queued_ms: 0, error_message: null },
  resource: { execution_time_ms: 1, cpu_time_ms: 1, cpu_percent: 1, memory_mb: 1, accounting: 'rusage' },
  completed_at: '2026-01-31T12:00:00.000Z',
};
const RESULT = {
  ...{ status: 'SUCCESS', verdict: 'OK', exit_code: 0, signal: null, queued_ms: 2, error_message: null },
  ...{ stdout: 'a', stderr: '', stdout_bytes: 1, stderr_bytes: 0, sandbox: 'warm' },
  ...{ stdout_truncated: false, stderr_truncated: false, resource: REPORT.resource },
};
const line = (message: object): string => `${JSON.stringify(message)}\n`;
const OUTPUT = line({ type: 'output', seq: 0, t_ms: 1, stream: 'stdout', data: 'a' });

describe('HttpEngineClient', () => {
  let answer: RequestListener;
  let server: BareServer;
  let client: HttpEngineClient;
  beforeEach(async () => {
    server = await startBareServer((request, response) => {
      answer(request, response);
    });
    client = httpClient(server.url);
  });
  afterEach(() => server.close());

  const answerWith = (body: string, status = 200, headers: Record<string, string> = {}): void => {
    answer = (_request, response) => response.writeHead(status, headers).end(body);
  };
  const execute = () => client.execute(REQUEST, recordedCalls());

  describe('asks as the contract of the engine says', () => {
    it('for an execution: the fields of the request as JSON, and a stream as the answer', async () => {
      let received: unknown;
      answer = (request, response) => {
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

    it('for many inputs: them instead of the one', async () => {
      let received: unknown;
      answer = (request, response) => {
        void text(request).then((body) => {
          received = JSON.parse(body);
          response.end(line({ ...REPORT, results: [RESULT, RESULT] }));
        });
      };
      const { results } = await client.execute({ ...REQUEST, inputs: ['a', ''] }, recordedCalls());
      expect(received).toMatchObject({ inputs: ['a', ''] });
      expect(received).not.toHaveProperty('input');
      expect(results).toMatchObject([
        { verdict: 'OK', exitCode: 0, sandbox: 'warm', queuedMs: 2, resource: { memoryMb: 1 } },
        { verdict: 'OK' },
      ]);
    });

    it.each([
      [200, true],
      [404, false],
    ])('for a cancel: without a body, and understands the status %d', async (status, confirmed) => {
      let asked: IncomingMessage | undefined;
      answer = (request, response) => {
        asked = request;
        response.writeHead(status).end('{}');
      };
      expect(await client.cancel(REQUEST.jobId)).toBe(confirmed);
      expect([asked?.method, asked?.url]).toEqual(['POST', `/cancel/${REQUEST.jobId}`]);
      expect(asked?.headers['content-type']).toBeUndefined();
    });
  });

  describe('reads the stream', () => {
    it('in pieces of any size, also within a character', async () => {
      const bytes = Buffer.from(line({ ...JSON.parse(OUTPUT), data: '😀\u2028' } as object) + line(REPORT));
      answer = (_request, response) => {
        void writeByteByByte(response, bytes);
      };
      const calls = recordedCalls();
      expect(await client.execute(REQUEST, calls)).toMatchObject({ verdict: 'OK', exitCode: 0, stdout: 'a' });
      expect(textOf(calls.chunks)).toBe('😀\u2028');
    });

    it('whose last line has no end', async () => {
      answerWith(OUTPUT + JSON.stringify(REPORT));
      expect(await execute()).toMatchObject({ verdict: 'OK' });
    });

    it('and gives the report at once, whether the answer ends after it, goes on, or breaks', async () => {
      answer = (_request, response) => response.write(line(REPORT));
      expect(await execute()).toMatchObject({ verdict: 'OK' });
      answer = (_request, response) => {
        breakOff(response, 200, line(REPORT));
      };
      expect(await execute()).toMatchObject({ verdict: 'OK' });
    });

    it('over one connection for one execution after the other', async () => {
      let unfinished: ServerResponse | undefined;
      answer = (_request, response) => {
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

  describe('is engine-unavailable', () => {
    it('in every method when nobody listens', async () => {
      const down = httpClient(await unusedUrl());
      const calls = [
        () => down.execute(REQUEST, recordedCalls()),
        () => down.cancel(REQUEST.jobId),
        () => down.languages(),
        () => down.ping(),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'engine-unavailable' });
    });

    it('when the connection is reset before there is an answer', async () => {
      answer = ({ socket }) => socket.resetAndDestroy();
      await expect(execute()).rejects.toMatchObject({ code: 'engine-unavailable' });
    });

    it('after 5 s of silence where no program is waited for', async () => {
      answer = () => undefined;
      const calls = [client.ping(), client.languages(), client.cancel(REQUEST.jobId)];
      for (const result of await Promise.allSettled(calls))
        expect(result).toMatchObject({ status: 'rejected', reason: { code: 'engine-unavailable' } });
    });
  });

  describe('is engine-error when an execution is answered by', () => {
    it.each([
      ['nothing', ''],
      ['HTML', '<html>It works!</html>'],
      ['bytes of no text', '\xff\xfe\0\n'],
      ['an empty line', '\n'],
      ['null', 'null\n'],
      ['a list', '[]\n'],
      ['a line of no type', '{}\n'],
      ['a line of an unknown type', line({ type: 'hello' })],
      ['output without a report', OUTPUT],
      ['a report that is cut', JSON.stringify(REPORT).slice(0, -10)],
      ['a report alone in no line of its own', JSON.stringify([REPORT])],
      ['an output line without its text', line({ type: 'output', seq: 0, t_ms: 1, stream: 'stdout' })],
      ['an output line of no stream', line({ ...JSON.parse(OUTPUT), stream: 'stdin' } as object)],
      ['a problem that only the engine has', line({ type: 'problem', code: 'internal-error', detail: 'x' })],
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
      ['results that are none', null],
      ['results that are no list', { 0: RESULT, 1: RESULT, length: 2 }],
      ['too few results', [RESULT]],
      ['too many results', [RESULT, RESULT, RESULT]],
      ['a result that is no object', [RESULT, 'OK']],
      ['a result that is nothing', [RESULT, null]],
      ['a result that is a list', [RESULT, [RESULT]]],
      ['a result without its verdict', [RESULT, { ...RESULT, verdict: undefined }]],
      ['a result with wrong figures', [RESULT, { ...RESULT, resource: {} }]],
    ])('a report of two inputs with %s', async (_what, results) => {
      answerWith(line({ ...REPORT, results }));
      const execution = client.execute({ ...REQUEST, inputs: ['a', 'b'] }, recordedCalls());
      await expect(execution).rejects.toMatchObject({ code: 'engine-error' });
    });

    it('a report of a single input with results', async () => {
      answerWith(line({ ...REPORT, results: [RESULT] }));
      await expect(execute()).rejects.toMatchObject({ code: 'engine-error' });
    });

    it.each([
      ['of a single one', 0, undefined],
      ['of many that does not tell which', undefined, ['a', 'b']],
      ['that there is not', 2, ['a', 'b']],
      ['of a negative number', -1, ['a', 'b']],
      ['of half a number', 0.5, ['a', 'b']],
      ['that is no number', '0', ['a', 'b']],
    ])('an output line of an input %s', async (_what, input, inputs) => {
      const results = inputs?.map(() => RESULT);
      answerWith(line({ ...JSON.parse(OUTPUT), input } as object) + line({ ...REPORT, results }));
      const execution = client.execute({ ...REQUEST, inputs }, recordedCalls());
      await expect(execution).rejects.toMatchObject({ code: 'engine-error' });
    });

    it('a connection that is reset in the middle, after handing out what came before', async () => {
      answer = (_request, response) => {
        breakOff(response, 200, `${OUTPUT}{"type":"rep`);
      };
      const calls = recordedCalls();
      await expect(client.execute(REQUEST, calls)).rejects.toMatchObject({ code: 'engine-error' });
      expect(textOf(calls.chunks)).toBe('a');
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

    it('an error whose body breaks off', async () => {
      answer = (_request, response) => {
        breakOff(response, 503, '{"code":"engine-b');
      };
      await expect(execute()).rejects.toMatchObject({ code: 'engine-error' });
    });
  });

  describe('is engine-error when', () => {
    it.each(['', '<html>', '{}', '[]', 'null', '{"status":"fine","isolation":"bubblewrap"}'])(
      'its health is answered by %j',
      async (body) => {
        answerWith(body, 200, { 'content-type': 'application/json' });
        await expect(client.ping()).rejects.toMatchObject({ code: 'engine-error' });
      },
    );

    it.each(['', '<html>', '{}', '[null]', '[[]]', '[{"id":"python"}]'])(
      'its languages are answered by %j',
      async (body) => {
        answerWith(body, 200, { 'content-type': 'application/json' });
        await expect(client.languages()).rejects.toMatchObject({ code: 'engine-error' });
      },
    );

    it('its cancel is answered by 500', async () => {
      answerWith('', 500);
      await expect(client.cancel(REQUEST.jobId)).rejects.toMatchObject({ code: 'engine-error' });
    });
  });

  it.each(['engine-busy', 'sandbox-unavailable', 'unsupported-language', 'shutting-down'])(
    'passes on %s with its detail and Retry-After',
    async (code) => {
      answerWith(JSON.stringify({ code, detail: 'Told by the engine.' }), 503, { 'retry-after': '7' });
      await expect(execute()).rejects.toMatchObject({
        ...{ code, detail: 'Told by the engine.' },
        extras: { headers: { 'retry-after': '7' } },
      });
    },
  );

  it('passes on the same problems out of a stream', async () => {
    answerWith(OUTPUT + line({ type: 'problem', code: 'shutting-down', detail: 'Told by the engine.' }));
    await expect(execute()).rejects.toMatchObject({ code: 'shutting-down', detail: 'Told by the engine.' });
  });

  it('tells an engine that is down by its answer of 503', async () => {
    const health = { isolation: 'none', accounting: null, warning: 'Install it.' };
    const type = { 'content-type': 'application/json' };
    answerWith(JSON.stringify({ status: 'down', ...health }), 503, type);
    expect(await client.ping()).toEqual({ ...health, canExecute: false });
  });

  describe('cancels', () => {
    it.each<[string, (response: ServerResponse, asked: number) => void]>([
      ['does not know the execution', (response) => response.writeHead(404).end()],
      ['refuses it at first', (response, asked) => response.writeHead(asked === 1 ? 500 : 404).end()],
    ])('an execution of an engine that %s by hanging up', async (_what, answerCancel) => {
      let asked = 0;
      const hungUp = new Promise<void>((resolve) => {
        answer = ({ url }, response) => {
          if (url !== '/execute') answerCancel(response, (asked += 1));
          else {
            void once(response, 'close').then(() => {
              resolve();
            });
            response.write(OUTPUT);
          }
        };
      });
      const calls = recordedCalls();
      const execution = client.execute(REQUEST, calls);
      await calls.until('a');
      calls.stop();
      expect(await execution).toMatchObject({ verdict: 'CANCELLED', exitCode: null });
      await hungUp;
    });

    it.each<[string, (response: ServerResponse) => void, string]>([
      ['refuses', (response) => response.writeHead(500).end(), 'engine-error'],
      ['breaks the connection', (response) => response.socket?.resetAndDestroy(), 'engine-unavailable'],
    ])('nothing of an engine that %s: its program may still run', async (_what, answerCancel, code) => {
      answer = ({ url }, response) => {
        if (url !== '/execute') answerCancel(response);
        else response.write(OUTPUT);
      };
      const calls = recordedCalls();
      const execution = client.execute(REQUEST, calls);
      await calls.until('a');
      calls.stop();
      await expect(execution).rejects.toMatchObject({ code });
    });

    it('many inputs of an engine that tells nothing of them with a result for each', async () => {
      answer = ({ url }, response) => {
        if (url !== '/execute') response.writeHead(404).end();
        else response.write(line({ ...JSON.parse(OUTPUT), input: 0 } as object));
      };
      const calls = recordedCalls();
      const execution = client.execute({ ...REQUEST, inputs: ['a', 'b'] }, calls);
      await calls.until('a');
      calls.stop();
      const { results, verdict } = await execution;
      expect([verdict, results?.map((result) => result.verdict)]).toEqual([
        'CANCELLED',
        ['CANCELLED', 'CANCELLED'],
      ]);
    });

    it('and prefers the report that the engine sends', async () => {
      let running: ServerResponse | undefined;
      answer = ({ url }, response) => {
        if (url === '/execute') {
          running = response;
          response.write(OUTPUT);
        } else {
          response.writeHead(200).end('{}');
          running?.end(line({ ...REPORT, status: 'CANCELLED', verdict: 'CANCELLED', signal: 'SIGKILL' }));
        }
      };
      const calls = recordedCalls();
      const execution = client.execute(REQUEST, calls);
      await calls.until('a');
      calls.stop();
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
