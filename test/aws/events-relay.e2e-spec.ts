import { randomUUID } from 'node:crypto';
import { Api } from '../support/api';
import { type Application, listenGateway, startEngine } from '../support/applications';
import { awsSettings } from '../support/aws';
import { BreakingProxy } from '../support/breaking-proxy';
import {
  EventStream,
  type JobEvent,
  allEvents,
  eventsUntil,
  isOutput,
  isResult,
  isStatus,
  textOf,
} from '../support/event-stream';

/** Prints lines for three seconds. */
const CODE = `import time
for n in range(100):
  print("line", n, flush=True)
  time.sleep(0.03)
`;
const LINES = Array.from({ length: 100 }, (_, n) => `line ${n.toString()}\n`);

/** A chunk may contain several lines. */
const linesOf = (events: readonly JobEvent[]): string[] => textOf(events).match(/.*\n/g) ?? [];

describe('events of an execution in another gateway', () => {
  let running: Application[];
  let proxy: BreakingProxy;
  let one: Api;
  let other: Api;
  beforeEach(async () => {
    const engine = await startEngine();
    running = [engine];
    proxy = await BreakingProxy.start();
    const settings = { ...awsSettings(`test-${randomUUID()}`), EXECUTION_ENGINE_URL: engine.url };
    const start = async (overrides: Record<string, string>): Promise<string> => {
      const gateway = await listenGateway({ ...settings, ...overrides });
      running.push(gateway);
      return gateway.url;
    };
    one = new Api(await start({ PEER_URL: proxy.url }));
    proxy.target = one.url;
    other = new Api(await start({ PUBLIC_URL: one.url }));
  }, 60_000);
  afterEach(async () => {
    for (const each of running.reverse()) await each.close();
    await proxy.close();
  });

  /** Runs a job in `one`, and returns the events that a client of `other` receives meanwhile. */
  async function readElsewhere(whileItRuns: (path: string) => void | Promise<void>): Promise<JobEvent[]> {
    const jobId = await one.upload('python', CODE);
    const events = allEvents(other.url, jobId);
    const execution = one.execute(jobId);
    await one.waitForStatus(jobId, 'RUNNING');
    await whileItRuns(`/api/jobs/${jobId}/events`);
    const job = await execution;
    expect((await events).at(-1)).toMatchObject({ name: 'result', data: job });
    expect((await events).filter(isResult)).toHaveLength(1);
    return events;
  }

  it('are relayed live, each exactly once', async () => {
    let path = '';
    const events = await readElsewhere((eventsPath) => {
      path = eventsPath;
    });
    expect(linesOf(events)).toEqual(LINES);
    expect(events.filter(isStatus).map(({ data }) => data.status)).toEqual(['PENDING', 'RUNNING']);
    // One request, for the output of attempt 1 from its first chunk on.
    expect(proxy.headersForPath(path, 'last-event-id')).toEqual(['1.0']);
  });

  it('continue without gaps or duplicates each time the response is cut off', async () => {
    // Enough for the response headers and some events.
    proxy.bytesMax = 2500;
    let path = '';
    const events = await readElsewhere((eventsPath) => {
      path = eventsPath;
    });
    expect(linesOf(events)).toEqual(LINES);
    const lastEventIds = proxy.headersForPath(path, 'last-event-id');
    expect(lastEventIds.length).toBeGreaterThan(1);
    expect(new Set(lastEventIds).size).toBe(lastEventIds.length);
  });

  it('continue without gaps or duplicates when every connection is reset', async () => {
    const events = await readElsewhere(async (path) => {
      for (let breaks = 1; breaks <= 2; breaks += 1) {
        while (proxy.headersForPath(path, 'last-event-id').length < breaks) {
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        proxy.breakConnections();
      }
    });
    expect(linesOf(events)).toEqual(LINES);
  });

  it.each([
    [
      'does not respond',
      () => {
        proxy.isSilent = true;
      },
    ],
    [
      'cannot be reached',
      () => {
        proxy.target = 'http://127.0.0.1:9';
      },
    ],
  ])('come from the storage when the gateway with the execution %s', async (_what, breakPeer) => {
    breakPeer();
    expect(linesOf(await readElsewhere(() => undefined))).toEqual(LINES);
  });

  it('continue with the next attempt after the gateway with the execution has stopped', async () => {
    proxy.target = one.url;
    const jobId = await one.upload('python', CODE);
    await one.request('POST', `/api/execute/${jobId}`, { headers: { prefer: 'respond-async' } });
    await one.waitForStatus(jobId, 'RUNNING');
    // Either gateway may have started the attempt. Only that one responds to the request of a peer with events.
    const headers = { 'x-service-server-peer': '1' };
    const probe = await EventStream.open(one.url, jobId, { headers });
    probe.close();
    const [runs, reads] = probe.status === 200 ? [one, other] : [other, one];
    const reader = (await EventStream.open(reads.url, jobId))[Symbol.asyncIterator]();
    const first = await eventsUntil(reader, isOutput);
    const [stopped] = running.filter(({ url }) => url === runs.url);
    running = running.filter((each) => each !== stopped);
    await stopped?.close();
    const rest = await eventsUntil(reader, isResult);
    const outputs = [...first, ...rest].filter(isOutput);
    const firstLines = linesOf(outputs.filter(({ data }) => data.attempt === 1));
    expect(firstLines).toEqual(LINES.slice(0, firstLines.length));
    expect(linesOf(outputs.filter(({ data }) => data.attempt === 2))).toEqual(LINES);
    expect(rest.at(-1)).toMatchObject({ data: { status: 'SUCCESS', attempt: 2 } });
  }, 60_000);
});
