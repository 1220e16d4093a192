import type { Api } from './support/api';
import { startExecution } from './support/start-execution';
import { describeEachDeployment } from './support/each-deployment';
import {
  EventStream,
  type JobEvent,
  allEvents,
  eventsUntil,
  isOutput,
  isResult,
  isStatus,
  textOf,
} from './support/event-stream';
import { readLogs } from './support/read-logs';
import { expectInvalid, expectProblem } from './support/problem';

const ASYNC = { method: 'POST', headers: { prefer: 'respond-async' } };
/** Every kind of line end, and characters that are special in JSON, UTF-8 or event streams. */
const SPECIAL_CHARACTERS = 'a\r\nb\rc\u2028d\u0085e\0f"\\\u{1f600}é\n\n: no comment\ndata: no data\n';
/** Writes to both streams in turn, 5 MB in total. */
const FLOOD = `import sys
for n in range(2500):
  for stream in sys.stdout, sys.stderr:
    stream.write(f"{n} {stream.name} " + "x" * 1000 + "\\n")
    stream.flush()
`;
const flood = (stream: string): string =>
  Array.from({ length: 2500 }, (_, n) => `${n.toString()} <${stream}> ${'x'.repeat(1000)}\n`).join('');

/**
 * Prints six lines, sleeps for as many seconds as its input says, and prints two more. Each line is one write, where
 * print() makes two. The number of chunks depends on the load of the machine.
 */
const STEPS = `import sys, time
def say(n):
  (sys.stdout if n % 2 else sys.stderr).write(f"line {n}\\n")
  time.sleep(0.05)
for n in range(6): say(n)
time.sleep(float(input()))
for n in range(6, 8): say(n)
`;
const linesTo = (end: number): string =>
  Array.from({ length: end }, (_, n) => `line ${n.toString()}\n`).join('');
const STEPS_TEXT = linesTo(8);

/** The whole output of one attempt, from its first chunk on. */
function expectSteps(events: readonly JobEvent[], attempt: number): void {
  expect(textOf(events)).toBe(STEPS_TEXT);
  expect(outputsOf(events).map(({ data }) => [data.attempt, data.seq])).toEqual(
    outputsOf(events).map((_, seq) => [attempt, seq]),
  );
}

const outputsOf = (events: readonly JobEvent[]) => events.filter(isOutput);
const statusesOf = (events: readonly JobEvent[]): string[] =>
  events.filter(isStatus).map(({ data }) => data.status);
const idsOf = (events: readonly JobEvent[]): string[] => events.map(({ id }) => id);
/** The events after that id without states, because the current state is sent again. */
const eventsAfter = (events: readonly JobEvent[], id: string): JobEvent[] =>
  events.slice(idsOf(events).lastIndexOf(id) + 1).filter((event) => !isStatus(event));

/** Reads to the end, and reconnects after each output event. */
async function readReconnecting(urls: readonly string[], jobId: string): Promise<JobEvent[]> {
  const seen: JobEvent[] = [];
  for (let turn = 0; ; turn += 1) {
    const url = urls[turn % urls.length] ?? '';
    const stream = await EventStream.open(url, jobId, { after: seen.at(-1)?.id });
    const [last] = (await eventsUntil(stream[Symbol.asyncIterator](), (event) => !isStatus(event))).slice(-1);
    stream.close();
    if (!last) throw new Error('no event');
    seen.push(last);
    if (isResult(last)) return seen;
  }
}

describeEachDeployment({}, (gateway) => {
  let api: Api;
  let urls: string[];
  /** The gateway that does not execute, if there are two. */
  let other: string;
  beforeEach(() => {
    const { apis } = gateway();
    [api] = apis as [Api];
    urls = apis.map(({ url }) => url);
    other = urls.at(-1) ?? '';
  });

  it('sends states, output and the result in order to clients that connect before the execution', async () => {
    const jobId = await api.upload('python', `print(${JSON.stringify('hello')})`);
    const streams = await Promise.all(urls.map((url) => EventStream.open(url, jobId)));
    const readers = streams.map((stream) => stream[Symbol.asyncIterator]());
    const started = await Promise.all(readers.map((reader) => eventsUntil(reader, isStatus)));
    for (const [{ data }] of started as [JobEvent][]) {
      expect(data).toEqual({
        job_id: jobId,
        status: 'PENDING',
        attempt: 0,
        updated_at: (await api.status(jobId))['updated_at'],
        queue_position: null,
      });
    }
    const job = await api.execute(jobId);
    for (const reader of readers) {
      const rest = await eventsUntil(reader, isResult);
      expect(textOf(rest)).toBe('hello\n');
      expect(rest.at(-1)?.data).toEqual(await api.status(jobId));
      expect(rest.at(-1)?.data).toEqual(job);
      expect(await reader.next()).toMatchObject({ done: true });
    }
  });

  it('sends output while the program still runs, on every gateway', async () => {
    const jobId = await api.upload('bash', 'echo first; sleep 60');
    const streams = await Promise.all(urls.map((url) => EventStream.open(url, jobId)));
    const execution = api.execute(jobId, { timeout: 20_000 });
    const readers = streams.map((stream) => stream[Symbol.asyncIterator]());
    for (const reader of readers) {
      const first = await eventsUntil(reader, isOutput);
      expect(statusesOf(first)).toEqual(['PENDING', 'RUNNING']);
      expect(textOf(first)).toBe('first\n');
    }
    expect(await api.status(jobId)).toMatchObject({ status: 'RUNNING' });
    await api.post(`/api/cancel/${jobId}`);
    const job = await execution;
    for (const reader of readers) expect((await eventsUntil(reader, isResult)).at(-1)?.data).toEqual(job);
  });

  it('preserves every character of the output', async () => {
    const jobId = await api.upload('python', `print(${JSON.stringify(SPECIAL_CHARACTERS)}, end="")`);
    const live = allEvents(other, jobId);
    await api.execute(jobId);
    expect(textOf(await live)).toBe(SPECIAL_CHARACTERS);
    expect(textOf(await allEvents(other, jobId))).toBe(SPECIAL_CHARACTERS);
  });

  it('sends a large output of both streams completely, in the order of the logs, to two clients at once', async () => {
    const jobId = await api.upload('python', FLOOD);
    const live = [api.url, other].map((url) => allEvents(url, jobId));
    const job = await api.execute(jobId, { timeout: 20_000 });
    expect(job).toMatchObject({ status: 'SUCCESS' });
    const logs = await readLogs(api, job);
    for (const events of [...(await Promise.all(live)), await allEvents(other, jobId)]) {
      const outputs = outputsOf(events);
      expect(textOf(events) === logs).toBe(true);
      expect(textOf(events, 'stdout') === flood('stdout')).toBe(true);
      expect(textOf(events, 'stderr') === flood('stderr')).toBe(true);
      expect(outputs.map(({ data }) => data.seq)).toEqual(outputs.map((_, index) => index));
      expect(new Set(idsOf(outputs)).size).toBe(outputs.length);
      expect(events.filter(isResult)).toHaveLength(1);
    }
  }, 60_000);

  it('continues after each event while the program runs, without gaps or repetition, on every gateway', async () => {
    const jobId = await api.upload('python', STEPS);
    const stream = await EventStream.open(api.url, jobId);
    const reader = stream[Symbol.asyncIterator]();
    const execution = api.execute(jobId, { input: '3' });
    let text = '';
    const started = await eventsUntil(reader, (event) => (text += textOf([event])) === linesTo(6));
    const resumed = [...new Set(idsOf(started))].flatMap((id) =>
      urls.map(async (url) => [id, await allEvents(url, jobId, { after: id })] as const),
    );
    const pieces = readReconnecting(urls, jobId);
    const all = [...started, ...(await eventsUntil(reader, isResult))];
    expectSteps(all, 1);
    for (const [id, events] of await Promise.all(resumed)) {
      expect(statusesOf(events)[0]).toBe('RUNNING');
      expect([id, events.filter((event) => !isStatus(event))]).toEqual([id, eventsAfter(all, id)]);
    }
    expect(await pieces).toEqual(all.filter((event) => !isStatus(event)));
    await execution;
  });

  it('continues after each event when the program has ended, on every gateway', async () => {
    const jobId = await api.upload('python', STEPS);
    const live = allEvents(api.url, jobId);
    await api.execute(jobId, { input: '0' });
    const all = await live;
    for (const url of urls) {
      expect(await allEvents(url, jobId)).toEqual(all.filter((event) => !isStatus(event)));
      for (const id of new Set(idsOf(all.slice(0, -1)))) {
        const events = await allEvents(url, jobId, { after: id });
        expect([id, events]).toEqual([id, eventsAfter(all, id)]);
        const byQuery = await fetch(`${url}/api/jobs/${jobId}/events?last_event_id=${id}`);
        expect((await byQuery.text()).match(/^id: .+$/gm)).toEqual(events.map((event) => `id: ${event.id}`));
      }
    }
    expect(await readReconnecting(urls, jobId)).toEqual(all.filter((event) => !isStatus(event)));
  });

  it('returns 204 after the result, until the job is executed again', async () => {
    const jobId = await api.upload('python', STEPS);
    await api.execute(jobId, { input: '0' });
    const [result] = (await allEvents(other, jobId)).slice(-1);
    for (const url of urls) {
      const ended = await EventStream.open(url, jobId, { after: result?.id });
      expect([ended.status, await ended.text()]).toEqual([204, '']);
    }
    const execution = api.execute(jobId, { input: '1.5' });
    await api.waitForStatus(jobId, 'RUNNING');
    const again = await Promise.all(urls.map((url) => allEvents(url, jobId, { after: result?.id })));
    await execution;
    for (const events of [...again, await allEvents(other, jobId, { after: result?.id })]) {
      expectSteps(events, 2);
      expect(events.at(-1)).toMatchObject({ name: 'result', data: { attempt: 2, status: 'SUCCESS' } });
    }
    expect(again[0]?.[0]).toMatchObject({ name: 'status', data: { attempt: 2, status: 'RUNNING' } });
  });

  it('starts from the beginning for a client with an event of an earlier execution', async () => {
    const jobId = await api.upload('python', STEPS);
    await api.execute(jobId, { input: '0' });
    const [first] = await allEvents(api.url, jobId);
    const execution = api.execute(jobId, { input: '1.5' });
    await api.waitForStatus(jobId, 'RUNNING');
    const events = await allEvents(other, jobId, { after: first?.id });
    await execution;
    expect(events[0]).toMatchObject({ name: 'status', data: { attempt: 2, status: 'RUNNING' } });
    expectSteps(events, 2);
    expect((await allEvents(other, jobId, { after: first?.id })).filter(isOutput)).toEqual(outputsOf(events));
  });

  it('sends the states QUEUED, RUNNING and the result of a queued execution', async () => {
    const jobId = await api.upload('python', STEPS);
    const readers = urls.map((url) => allEvents(url, jobId));
    expect((await api.request('POST', `/api/execute/${jobId}`, { ...ASYNC })).status).toBe(202);
    for (const events of await Promise.all(readers)) {
      const order = ['PENDING', 'QUEUED', 'RUNNING'];
      expect(order.filter((status) => statusesOf(events).includes(status))).toEqual(statusesOf(events));
      expect(events.at(-1)).toMatchObject({ name: 'result', data: { job_id: jobId, attempt: 1 } });
    }
  });

  it('ends with the output so far when a job is cancelled before or while it runs', async () => {
    const pending = await api.upload('bash', 'echo never');
    const waiting = allEvents(other, pending);
    await api.post(`/api/cancel/${pending}`);
    expect((await waiting).at(-1)).toMatchObject({ name: 'result', data: { status: 'CANCELLED' } });
    expect(await allEvents(other, pending)).toEqual((await waiting).slice(-1));

    const { jobId, execution } = await startExecution(api, 'bash', 'echo started; sleep MARKER');
    const running = allEvents(other, jobId);
    await api.post(`/api/cancel/${jobId}`);
    await execution;
    for (const events of [await running, await allEvents(other, jobId)]) {
      expect(textOf(events)).toBe('started\n');
      expect(events.at(-1)).toMatchObject({ name: 'result', data: { status: 'CANCELLED', attempt: 1 } });
    }
  });

  it('rejects an invalid event id and names the field', async () => {
    const jobId = await api.upload('bash', 'echo');
    const path = `/api/jobs/${jobId}/events`;
    for (const id of [
      'x',
      '1',
      '1.',
      '.1',
      '1.x',
      '-1.0',
      '1.0 ',
      '1.end',
      '2.0',
      '1.0, 1.1',
      '9'.repeat(400),
    ]) {
      if (id === id.trim())
        expectInvalid(await api.get(path, { 'last-event-id': id }), ['Last-Event-ID'], path);
      const query = `?last_event_id=${encodeURIComponent(id)}`;
      expectInvalid(await api.get(path + query), ['last_event_id'], path);
    }
    expectInvalid(await api.get(`${path}?last_event_id=1.0&last_event_id=1.0`), ['last_event_id'], path);
    expectInvalid(await api.get(`${path}?after=1.0`), ['after'], path);
    await api.execute(jobId);
    expect(await allEvents(api.url, jobId, { after: '' })).toEqual(await allEvents(api.url, jobId));
  });

  it('returns job-not-found for a job that does not exist', async () => {
    const path = '/api/jobs/01935d2e-7c1a-7000-8000-000000000000/events';
    expectProblem(await api.get(path), 404, 'job-not-found', path);
    expectInvalid(await api.get('/api/jobs/x/events'), ['job_id']);
  });
});
