import { receiveDeadLetter, sendMessage, setVisibilityTimeout } from '../aws/queues';
import { storageSettings } from '../aws/storage';
import { waitForResult, enqueue } from '../support/async';
import type { Api } from '../support/api';
import { type Service, apiOf, startAwsService, startEmbeddedService } from './support/service';

/** Drops every message that the service sends. @returns the bodies of these messages */
function dropMessages({ proxies }: Service): string[] {
  const sent: string[] = [];
  if (!proxies) throw new Error('This service has no SQS queue');
  proxies.SQS.selectFault = ({ name, body, attempt }) => {
    if (name !== 'SendMessage') return undefined;
    if (attempt === 1) sent.push((JSON.parse(body) as { MessageBody: string }).MessageBody);
    return 'reset before';
  };
  return sent;
}

describe('an SQS queue', () => {
  let service: Service;
  let api: Api;
  beforeAll(async () => {
    service = await startAwsService({ gateways: 2, workers: 2 });
    api = apiOf(service, 1);
  });
  afterEach(() => {
    if (service.proxies) service.proxies.SQS.selectFault = () => undefined;
  });
  afterAll(() => service.close());

  it('that accepts no messages delays an execution whose gateway is killed, but does not lose it', async () => {
    const jobId = await api.upload('bash', 'echo ran');
    const sent = dropMessages(service);
    expect(await enqueue(apiOf(service), jobId)).toMatchObject({ status: 202, body: { status: 'QUEUED' } });
    expect(sent).toHaveLength(1);
    await service.gateways[0]?.stop('SIGKILL');
    if (service.proxies) service.proxies.SQS.selectFault = () => undefined;
    expect(await waitForResult(api, jobId)).toMatchObject({ status: 'SUCCESS', attempt: 1, stdout: 'ran\n' });
    await service.gateways[0]?.start();
  });

  it('that delivers a message several times causes one execution', async () => {
    const jobId = await api.upload('bash', 'echo ran; sleep 1');
    const sent = dropMessages(service);
    await enqueue(api, jobId);
    const [text = ''] = sent;
    const settings = storageSettings(service.name);
    await Promise.all(Array.from({ length: 5 }, () => sendMessage(settings, text)));
    const job = await waitForResult(api, jobId);
    expect(job).toMatchObject({ status: 'SUCCESS', attempt: 1, stdout: 'ran\n' });
    await sendMessage(settings, text);
    const next = await api.upload('bash', 'echo next');
    if (service.proxies) service.proxies.SQS.selectFault = () => undefined;
    await enqueue(api, next);
    await waitForResult(api, next);
    expect(service.meter?.runs.get(jobId)).toBe(1);
    for (const gateway of service.gateways) expect(await gateway.api.status(jobId)).toEqual(job);
  });

  it('moves an invalid message to the dead-letter queue, and delivers others meanwhile', async () => {
    const settings = storageSettings(service.name);
    // Each delivery becomes visible again at once.
    await setVisibilityTimeout(settings, 0);
    await sendMessage(settings, '{"job_id":');
    const jobId = await api.upload('bash', 'echo ran');
    expect(await enqueue(api, jobId)).toMatchObject({ status: 202 });
    expect(await waitForResult(api, jobId)).toMatchObject({ status: 'SUCCESS', stdout: 'ran\n' });
    let dead: string | undefined;
    while (dead === undefined) dead = await receiveDeadLetter(settings);
    expect(dead).toBe('{"job_id":');
  });
});

describe('an unavailable engine', () => {
  it('fails an execution after its last attempt, with the number of attempts in the error message', async () => {
    const service = await startEmbeddedService({ hasEngineProcess: true }, { EXECUTION_ATTEMPTS_MAX: '2' });
    const api = apiOf(service);
    const jobId = await api.upload('bash', 'echo ran');
    await service.engine?.stop('SIGKILL');
    await enqueue(api, jobId);
    const job = await waitForResult(api, jobId);
    expect(job).toMatchObject({ status: 'FAILED', verdict: 'ENGINE_ERROR', attempt: 2 });
    expect(job.error_message).toContain('It was attempted 2 times. It is safe to execute the job again.');
    await service.engine?.start();
    await enqueue(api, jobId);
    expect(await waitForResult(api, jobId)).toMatchObject({ status: 'SUCCESS', attempt: 3 });
    await service.close();
  });
});
