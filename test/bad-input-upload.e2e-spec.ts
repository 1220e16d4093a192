import type { ApiResponse } from './support/api';
import {
  UNSUPPORTED_ENCODINGS,
  DEEP_OR_LONG_BODIES,
  INVALID_BODIES,
  UNSUPPORTED_CONTENT_TYPES,
  postRaw,
} from './support/invalid-bodies';
import { expectNoChange } from './support/footprint';
import { type Gateway, startGateway } from './support/gateway';
import { expectInvalid, expectProblem } from './support/problem';

const PATH = '/api/upload';
const GOOD = { code: 'print(1)', language: 'python' };
const FIELDS = ['code', 'language', 'project', 'function_name', 'description'] as const;

type Fields = Readonly<Record<string, unknown>>;
type FieldCase = readonly [name: string, body: Fields, invalidFields: readonly string[]];

const INVALID_VALUES: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['a number', 1],
  ['a boolean', true],
  ['a list', ['print(1)']],
  ['an object', { length: 5, toString: 'python' }],
  ['empty', ''],
];

const FIELD_CASES: readonly FieldCase[] = [
  ['nothing at all', {}, ['code', 'language']],
  ['no code', { language: 'python' }, ['code']],
  ['no language', { code: 'print(1)' }, ['language']],
  ...FIELDS.flatMap((field) =>
    INVALID_VALUES.map(([what, value]): FieldCase => [
      `${what} as ${field}`,
      { ...GOOD, [field]: value },
      [field],
    ]),
  ),
  ['a language of 33 characters', { ...GOOD, language: 'p'.repeat(33) }, ['language']],
  ['a project of 65 characters', { ...GOOD, project: 'p'.repeat(65) }, ['project']],
  ['a function name of 129 characters', { ...GOOD, function_name: 'f'.repeat(129) }, ['function_name']],
  ['a description of 1001 characters', { ...GOOD, description: 'd'.repeat(1001) }, ['description']],
  ...['code', 'function_name', 'description'].flatMap((field): FieldCase[] => [
    [`NUL in ${field}`, { ...GOOD, [field]: 'a\0b' }, [field]],
    [`a lone high surrogate in ${field}`, { ...GOOD, [field]: 'a\ud800b' }, [field]],
    [`a lone low surrogate in ${field}`, { ...GOOD, [field]: '\udc00' }, [field]],
  ]),
  ...['../', '..', '../../etc/passwd', 'a/b', 'a\\b', '.hidden', '-rf', 'a b', 'a\nb', 'a\0', '%2e%2e'].map(
    (project): FieldCase => [`${JSON.stringify(project)} as project name`, { ...GOOD, project }, ['project']],
  ),
  ...['é', '项目', 'а', '😀', '\ud800', 'demo\u202e'].map((project): FieldCase => [
    `a project name in Unicode (${JSON.stringify(project)})`,
    { ...GOOD, project },
    ['project'],
  ]),
  ...['timeout', 'Code', 'job_id', '', '\ud800', 'toString', 'constructor', '__proto__', 'prototype'].map(
    (field): FieldCase => [`an unknown field ${JSON.stringify(field)}`, { ...GOOD, [field]: 'x' }, [field]],
  ),
  [
    'several invalid fields',
    { code: 5, project: '../', langauge: 'python' },
    ['code', 'language', 'project', 'langauge'],
  ],
];

describe('an invalid upload', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway();
    await gateway.api.upload('python', 'print("already stored")');
  });
  afterAll(() => gateway.close());

  const sendRejected = (body: string | Buffer, headers?: Record<string, string>): Promise<ApiResponse> =>
    expectNoChange(gateway, () => postRaw(gateway.api, PATH, body, headers));

  it('is distinguished from a valid one, which creates a job', async () => {
    await expect(expectNoChange(gateway, () => gateway.api.post(PATH, GOOD))).rejects.toThrow('toEqual');
  });

  it.each(FIELD_CASES)('with %s is rejected, naming every invalid field', async (_name, body, fields) => {
    expectInvalid(await sendRejected(JSON.stringify(body)), fields, PATH);
  });

  it.each(INVALID_BODIES)('that is %s is rejected', async (_name, body, code) => {
    const { errors } = expectProblem(await sendRejected(body), 400, code, PATH);
    expect(errors?.map(({ field }) => field)).toEqual(code === 'malformed-json' ? undefined : ['body']);
  });

  it.each([
    ['with a content type', { 'content-type': 'application/json' }],
    ['without a content type', {}],
  ])('that is empty, %s, is rejected as malformed JSON', async (_name, headers) => {
    expectProblem(await sendRejected('', headers), 400, 'malformed-json', PATH);
  });

  it.each(
    DEEP_OR_LONG_BODIES.flatMap(([name, value]) =>
      [...FIELDS, 'unknown'].map((field) => [name, field, value]),
    ),
  )('with %s as %s is rejected, naming the field', async (_name, field, value) => {
    const { [field as 'code']: _without, ...others } = GOOD;
    const body = `${JSON.stringify(others).slice(0, -1)},"${field}":${value}}`;
    expectInvalid(await sendRejected(body), [field], PATH);
  });

  it('with a hundred thousand unknown fields is rejected, naming each', async () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `field${index.toString()}`);
    const body = JSON.stringify(
      Object.fromEntries([...Object.entries(GOOD), ...names.map((name) => [name, 1])]),
    );
    expectInvalid(await sendRejected(body), names, PATH);
  });

  it.each(UNSUPPORTED_CONTENT_TYPES.map((type) => [type ?? 'none']))(
    'with the content type %s is rejected',
    async (type) => {
      const headers: Record<string, string> = type === 'none' ? {} : { 'content-type': type };
      expectProblem(await sendRejected(JSON.stringify(GOOD), headers), 415, 'unsupported-media-type', PATH);
    },
  );

  it.each(UNSUPPORTED_ENCODINGS)('with the content encoding %s is rejected', async (encoding, encode) => {
    const headers = { 'content-type': 'application/json', 'content-encoding': encoding };
    const response = await sendRejected(encode(JSON.stringify(GOOD)), headers);
    expect(expectProblem(response, 415, 'unsupported-media-type', PATH).detail).toContain(encoding);
  });

  it.each(['cobol', 'pythön', '../python', ' python', 'python\0', '\ud800', 'constructor', '__proto__'])(
    'in the language %j is rejected, listing the available languages',
    async (language) => {
      const { body } = await gateway.api.get<{ id: string; available: boolean }[]>('/api/languages');
      const available = body.filter((one) => one.available).map(({ id }) => id);
      const response = await sendRejected(JSON.stringify({ ...GOOD, language }));
      const { detail } = expectProblem(response, 400, 'unsupported-language', PATH);
      expect(available).toContain('python');
      expect(detail).toContain(available.join(', '));
    },
  );
});
