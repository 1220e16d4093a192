import { Api } from '../support/api';
import { HELLO } from '../support/hello';
import { addressesOf, containers } from './support/stack';
import { GATEWAY_URLS, SERVICE_URL } from './support/target-urls';

const HERE = Object.keys(HELLO).filter((language) => language !== 'rust');
const api = new Api(SERVICE_URL);

/** Tries to connect to each `host|port` on standard input and prints the results. */
const CONNECT = {
  python:
    'import socket, sys\nfor a in sys.stdin.read().split():\n  host, port = a.split("|")\n  try: socket.create_connection((host, int(port)), 1); print("connected", a)\n  except OSError: print("refused")',
  bash: 'while IFS="|" read -r host port; do (exec 3<> "/dev/tcp/$host/$port") 2> /dev/null && echo "connected $host" || echo refused; done',
};

describe('the compose stack', () => {
  it('is ready, with AWS storage and an isolating engine', async () => {
    expect(await api.get('/api/health/ready')).toMatchObject({
      status: 200,
      body: {
        status: 'ok',
        details: {
          s3: { status: 'up' },
          dynamodb: { status: 'up' },
          sqs: { status: 'up' },
          engine: { status: 'up', isolation: 'bubblewrap' },
        },
      },
    });
  });

  it('lists the languages of the image as available, and the others as unavailable', async () => {
    const { body } = await api.get<{ id: string; available: boolean; warning: unknown }[]>('/api/languages');
    expect(body.filter(({ available }) => available).map(({ id }) => id)).toEqual(HERE);
    expect(new Set(body.map(({ warning }) => warning))).toEqual(new Set([null]));
  });

  it.each(HERE)('executes a program in %s that reads input and prints output', async (language) => {
    const job = await api.run(language, HELLO[language] ?? '', { input: 'World\n', timeout: 10_000 });
    expect(job).toMatchObject({ verdict: 'OK', stdout: 'hello World\n', stderr: '' });
  });

  it.each(Object.entries(CONNECT))(
    'denies a program in %s access to containers and networks',
    async (language, code) => {
      const all = await containers();
      const hosts = ['localhost', 'engine', 'gateway', 'localstack', 'balancer', ...all.flatMap(addressesOf)];
      const targets = hosts.flatMap((host) => ['4566', '8000', '9000'].map((port) => `${host}|${port}\n`));
      const job = await api.run(language, code, { input: targets.join(''), timeout: 20_000 });
      expect(job).toMatchObject({ verdict: 'OK', stdout: 'refused\n'.repeat(targets.length) });
    },
  );

  it('executes, cancels and returns a job at any gateway, whichever of them stored it', async () => {
    const apis = [...GATEWAY_URLS, ...GATEWAY_URLS].map((url) => new Api(url));
    for (const [index, uploader] of apis.slice(0, GATEWAY_URLS.length).entries()) {
      const other = apis[index + 1] ?? uploader;
      const jobId = await uploader.upload('bash', 'echo started; cat; sleep 15');
      const execution = other.execute(jobId, { input: 'hello\n', timeout: 20_000 });
      await uploader.waitForStatus(jobId, 'RUNNING');
      expect(await uploader.post(`/api/execute/${jobId}`)).toMatchObject({
        status: 409,
        body: { code: 'job-already-running' },
      });
      expect((await uploader.post(`/api/cancel/${jobId}`)).body).toMatchObject({ verdict: 'CANCELLED' });
      const job = await execution;
      for (const each of apis) expect(await each.status(jobId)).toEqual(job);
    }
  });
});
