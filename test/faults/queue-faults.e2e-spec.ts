/** Messages that do not come, come twice, or mean nothing; an engine that is not there. */
import { receiveDeadLetter, sendMessage, setVisibilityTimeout } from '../aws/queues';
import { storageSettings } from '../aws/storage';
import { waitForResult, enqueue } from '../support/async';
import type { Api } from '../support/api';
import { type Service, apiOf, startAwsService, startEmbeddedService } from './support/service';

/** Text of messages that the service wanted to send; none of them arrives. */
function sendNothing({ proxies }: Service): string[] {
  const sent: string[] = [];
  if (!proxies) throw new Error('This service has no queue of SQS');
  proxies.SQS.selectFault = ({ name, body, attempt }) => {
    if (name !== 'SendMessage') return undefined;
    if (attempt === 1) sent.push((JSON.parse(body) as { MessageBody: string }).MessageBody);
    return 'reset before';
  };
  return sent;
}

describe('the queue of SQS', () => {
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

  it('that takes no message delays an execution whose gateway was killed, and loses it not', async () => {
    const jobId = await api.upload('bash', 'echo ran');
    const sent = sendNothing(service);
    expect(await enqueue(apiOf(service), jobId)).toMatchObject({ status: 202, body: { status: 'QUEUED' } });
    expect(sent).toHaveLength(1);
    await service.gateways[0]?.stop('SIGKILL');
    if (service.proxies) service.proxies.SQS.selectFault = () => undefined;
    expect(await waitForResult(api, jobId)).toMatchObject({ status: 'SUCCESS', attempt: 1, stdout: 'ran\n' });
    await service.gateways[0]?.start();
  });

  it('that delivers a message many times has it executed once', async () => {
    const jobId = await api.upload('bash', 'echo ran; sleep 1');
    const sent = sendNothing(service);
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

  it('puts aside a message that means nothing, which hurts nobody meanwhile', async () => {
    const settings = storageSettings(service.name);
    // Each delivery ends at once.
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

describe('an engine that is not there', () => {
  it('fails an execution when all tries are used up, and says how many those were', async () => {
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
