import { isDeepStrictEqual } from 'node:util';
import { Logger } from '@nestjs/common';
import { ProblemException } from '../../common/problems/problem.exception';
import {
  type IdempotencyRecord,
  IdempotencyRepository,
  type StoredResponse,
} from '../../jobs/idempotency.repository';
import { deferred } from '../../common/async/deferred';
import { IdempotencyService, type IdempotentRequest, jsonResponse } from './idempotency.service';

/** An in-memory repository for several processes. Its methods fail while their names are in `failing`. */
class Records extends IdempotencyRepository {
  readonly all = new Map<string, IdempotencyRecord>();
  readonly failing = new Set<string>();

  override async claim(record: IdempotencyRecord): Promise<IdempotencyRecord> {
    await this.call('claim');
    const found = this.all.get(record.id) ?? record;
    this.all.set(record.id, found);
    return found;
  }

  override async complete(record: IdempotencyRecord, response: StoredResponse): Promise<StoredResponse> {
    await this.call('complete');
    const found = this.all.get(record.id) ?? record;
    if (!isDeepStrictEqual(found.plan, record.plan)) return response;
    this.all.set(record.id, { ...found, response: found.response ?? response });
    return found.response ?? response;
  }

  override async release({ id, plan }: IdempotencyRecord): Promise<void> {
    await this.call('release');
    const found = this.all.get(id);
    if (isDeepStrictEqual(found?.plan, plan) && !found?.response) this.all.delete(id);
  }

  private async call(name: string): Promise<void> {
    await Promise.resolve();
    if (this.failing.has(name)) throw new Error(`${name} fails`);
  }
}

type Plan = Readonly<{ number: number }>;
type Request = IdempotentRequest<Plan>;

let numbers = 0;
const plan = (): Plan => ({ number: (numbers += 1) });
const responseTo = ({ number }: Plan): StoredResponse => jsonResponse(201, { number }, { location: '/1' });

function requestOf(changes: Partial<Request> = {}): Request & { readonly works: [number, boolean][] } {
  const works: [number, boolean][] = [];
  return {
    key: 'key',
    operation: 'upload',
    method: 'POST',
    path: '/',
    body: { a: 1 },
    plan,
    planAfterError: 'same',
    works,
    executePlan: (planned, isFirst) => {
      works.push([planned.number, isFirst]);
      return Promise.resolve(responseTo(planned));
    },
    ...changes,
  };
}

const problem = (code: ConstructorParameters<typeof ProblemException>[0]) => (): Promise<never> =>
  Promise.reject(new ProblemException(code, 'No.'));

describe('A request with an Idempotency-Key', () => {
  let records: Records;
  let service: IdempotencyService;
  beforeEach(() => {
    records = new Records();
    service = new IdempotencyService(records);
  });
  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  it('is carried out once, and a retry gets the same response', async () => {
    const request = requestOf();
    const first = await service.run(request);
    expect(first).toMatchObject({
      isReplayed: false,
      response: { status: 201, headers: { location: '/1' } },
    });
    expect(await service.run(request)).toEqual({ ...first, isReplayed: true });
    expect(await service.run({ ...request, method: 'POST', body: { a: 1, b: undefined } })).toEqual({
      ...first,
      isReplayed: true,
    });
    expect(request.works).toHaveLength(1);
  });

  it('is carried out each time and stores nothing without a key', async () => {
    const request = requestOf({ key: undefined });
    const responses = [await service.run(request), await service.run(request)];
    expect(request.works).toHaveLength(2);
    expect(responses[0]?.response.body).not.toBe(responses[1]?.response.body);
    expect(records.all.size).toBe(0);
  });

  it('is a new request with another key or in another operation', async () => {
    const request = requestOf();
    await service.run(request);
    await service.run({ ...request, key: 'other' });
    await service.run({ ...request, operation: 'execute' });
    expect(request.works).toHaveLength(3);
    for (const id of records.all.keys()) expect(id.length).toBeLessThanOrEqual(128);
  });

  it.each([
    ['path', { path: '/other' }],
    ['body', { body: { a: 2 } }],
    ['preference', { isAsynchronous: true }],
  ])('is rejected with another %s, both before and after the first response', async (_what, changes) => {
    const first = deferred<StoredResponse>();
    const began = deferred<undefined>();
    const other = requestOf(changes);
    const elsewhere = new IdempotencyService(records);
    const running = service.run(
      requestOf({
        executePlan: () => {
          began.resolve(undefined);
          return first.promise;
        },
      }),
    );
    await began.promise;
    const refused = { code: 'idempotency-key-reused', status: 422 };
    await expect(elsewhere.run(other)).rejects.toMatchObject(refused);
    first.resolve(jsonResponse(201, {}));
    await running;
    await expect(elsewhere.run(other)).rejects.toMatchObject(refused);
    expect(other.works).toEqual([]);
    expect(records.all.size).toBe(1);
  });

  it('is carried out once when twenty come at the same time in one process', async () => {
    const request = requestOf();
    const all = await Promise.all(Array.from({ length: 20 }, () => service.run(request)));
    expect(request.works).toHaveLength(1);
    expect(new Set(all.map(({ response }) => response.body)).size).toBe(1);
    expect(all.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1);
  });

  it('has one plan, and one request that made it, when twenty come at the same time in two processes', async () => {
    const request = requestOf();
    const elsewhere = new IdempotencyService(records);
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? service : elsewhere).run(request)),
    );
    expect(new Set(all.map(({ response }) => response.body)).size).toBe(1);
    expect(new Set(request.works.map(([number]) => number)).size).toBe(1);
    expect(request.works.length).toBeLessThanOrEqual(2);
    expect(request.works.filter(([, isFirst]) => isFirst)).toHaveLength(1);
  });

  it('gets the response that was stored first when two processes have different ones', async () => {
    const slow = deferred<StoredResponse>();
    const first = service.run(requestOf({ executePlan: () => slow.promise }));
    const second = await new IdempotencyService(records).run(
      requestOf({ executePlan: () => Promise.resolve(jsonResponse(200, { by: 'second' })) }),
    );
    slow.resolve(jsonResponse(202, { by: 'first' }));
    expect([await first, (await service.run(requestOf())).response]).toEqual([second, second.response]);
  });

  it('is carried out again with the same plan when its process died', async () => {
    const never = requestOf({ executePlan: () => new Promise<never>(() => undefined) });
    void service.run(never);
    const request = requestOf();
    const { response } = await new IdempotencyService(records).run(request);
    const [record] = records.all.values();
    expect(request.works).toEqual([[record?.plan['number'], false]]);
    expect(record?.response).toEqual(response);
  });

  it.each(['same', 'new'] as const)(
    'releases its key for a corrected request when it is rejected (plan after an error: %s)',
    async (planAfterError) => {
      const refused = requestOf({ planAfterError, executePlan: problem('unsupported-language') });
      await expect(service.run(refused)).rejects.toMatchObject({ code: 'unsupported-language' });
      const corrected = requestOf({ planAfterError, body: { a: 2 } });
      expect(await service.run(corrected)).toMatchObject({ isReplayed: false, response: { status: 201 } });
    },
  );

  it('keeps its key when only its response is lost', async () => {
    const request = requestOf({ planAfterError: 'new', executePlan: problem('idempotency-answer-lost') });
    await expect(service.run(request)).rejects.toMatchObject({ code: 'idempotency-answer-lost' });
    expect(records.all.size).toBe(1);
  });

  it.each([
    ['problem', problem('storage-unavailable')],
    ['bug', () => Promise.reject(new TypeError('x is not a function'))],
  ])('is carried out again after a %s, with the same plan or a new one', async (_what, work) => {
    const plans = async (planAfterError: 'same' | 'new', key: string): Promise<(number | undefined)[]> => {
      const failed: number[] = [];
      const fails: Request['executePlan'] = ({ number }) => {
        failed.push(number);
        return work();
      };
      await expect(service.run(requestOf({ key, planAfterError, executePlan: fails }))).rejects.toThrow();
      const again = requestOf({ key, planAfterError });
      await service.run(again);
      return [failed[0], again.works[0]?.[0]];
    };
    const [first, same] = await plans('same', 'one');
    expect(same).toBe(first);
    const [before, anew] = await plans('new', 'two');
    expect(anew).not.toBe(before);
  });

  it('is carried out again after a response that releases the key', async () => {
    const executePlan: Request['executePlan'] = (planned) =>
      Promise.resolve({ ...responseTo(planned), releasesKey: true });
    const failed = await service.run(requestOf({ executePlan }));
    expect(Object.keys(failed.response).sort()).toEqual(['body', 'headers', 'status']);
    expect(await service.run(requestOf())).toMatchObject({ isReplayed: false });
  });

  it('does not release the key when only a retry with the same plan is rejected', async () => {
    const first = deferred<StoredResponse>();
    const running = service.run(requestOf({ planAfterError: 'new', executePlan: () => first.promise }));
    const follows = requestOf({ planAfterError: 'new', executePlan: problem('job-already-running') });
    await expect(new IdempotencyService(records).run(follows)).rejects.toMatchObject({ status: 409 });
    expect(records.all.size).toBe(1);
    first.resolve(jsonResponse(200, { done: true }));
    const { response } = await running;
    expect(await service.run(requestOf())).toEqual({ response, isReplayed: true });
  });

  it('is not carried out when its key cannot be claimed', async () => {
    records.failing.add('claim');
    const request = requestOf();
    await expect(service.run(request)).rejects.toThrow('claim fails');
    expect(request.works).toEqual([]);
  });

  it('gets a response that could not be stored, and the same one again for a retry', async () => {
    records.failing.add('complete');
    const request = requestOf();
    const first = await service.run(request);
    expect(await service.run(request)).toEqual(first);
    expect(request.works).toEqual([
      [expect.any(Number), true],
      [request.works[0]?.[0], false],
    ]);
  });

  it('gets its own problem when its key cannot be released', async () => {
    records.failing.add('release');
    const refused = requestOf({ executePlan: problem('unsupported-language') });
    await expect(service.run(refused)).rejects.toMatchObject({ code: 'unsupported-language' });
  });
});
