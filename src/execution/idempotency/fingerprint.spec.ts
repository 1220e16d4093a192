import { type RequestIdentity, canonicalJson, computeFingerprint } from './fingerprint';

const REQUEST: RequestIdentity = {
  method: 'POST',
  path: '/api/execute/1',
  body: { input: 'a', timeout: 5 },
};

describe('computeFingerprint', () => {
  it.each([
    ['fields in another order', { ...REQUEST, body: { timeout: 5, input: 'a' } }],
    ['undefined fields', { ...REQUEST, body: { input: 'a', timeout: 5, callback: undefined } }],
    ['isAsynchronous false instead of absent', { ...REQUEST, isAsynchronous: false }],
  ])('returns the same fingerprint for %s', (_what, other) => {
    expect(computeFingerprint(other)).toBe(computeFingerprint(REQUEST));
  });

  it('returns the same fingerprint without a body as with an empty one', () => {
    const { method, path } = REQUEST;
    expect(computeFingerprint({ method, path })).toBe(computeFingerprint({ method, path, body: {} }));
  });

  it.each([
    ['method', { ...REQUEST, method: 'PUT' }],
    ['path', { ...REQUEST, path: '/api/execute/2' }],
    ['body', { ...REQUEST, body: { input: 'b', timeout: 5 } }],
    ['type of a field', { ...REQUEST, body: { input: 'a', timeout: '5' } }],
    ['set of fields', { ...REQUEST, body: { input: 'a', timeout: 5, callback: 'x' } }],
    ['preference', { ...REQUEST, isAsynchronous: true }],
  ])('returns another fingerprint for another %s', (_what, other) => {
    expect(computeFingerprint(other)).not.toBe(computeFingerprint(REQUEST));
  });
});

/** Fingerprints that version 9674d6a computed. */
describe('A stored fingerprint', () => {
  const NESTED = {
    timeout: 5000,
    inputs: ['b', 'a', undefined, ['é', '\u2028', '😀', '\ud83d', '"\\\n\u0000']],
    limits: {
      memory_mb: 128,
      cpu_ms: undefined,
      nested: { 10: -0.5, 9: 1e21, Z: null, a: true, ä: [], empty: {} },
    },
    callback_url: undefined,
  };

  it.each<[string, RequestIdentity, string]>([
    [
      'nested objects, undefined members, lists and all of Unicode',
      {
        method: 'POST',
        path: '/api/execute/01935d2e-7c1a-7000-8000-000000000000',
        body: NESTED,
        isAsynchronous: true,
      },
      '0df00874dc68eada4850197ed8b094c3d27fdfe57086781d3fa4006f7c3fc427',
    ],
    [
      'a flat body',
      { method: 'POST', path: '/api/execute/1', body: { input: 'a', timeout: 5 } },
      '44889b57e49852a1b2a165e945e44184d73e056424d1d62d3749c60f68e9e445',
    ],
    [
      'no body',
      { method: 'POST', path: '/api/upload' },
      'bb81dbd8f8ce18549e64dd699fd69098cb2578e41d6b9211e3605938a9782fe2',
    ],
  ])('still matches a request with %s', (_what, request, stored) => {
    expect(computeFingerprint(request)).toBe(stored);
  });
});

describe('canonicalJson', () => {
  it('sorts names at every depth, keeps the order of lists, and leaves out undefined members', () => {
    const value = { b: [{ d: 1, c: null }, 'é"'], a: { f: true, e: undefined }, 10: 0, 9: -0.5 };
    expect(canonicalJson(value)).toBe('{"10":0,"9":-0.5,"a":{"f":true},"b":[{"c":null,"d":1},"é\\""]}');
  });

  it('returns JSON with the same data', () => {
    const value = { z: { y: ['\u2028\ud83d', ''] }, __proto__x: 1e21 };
    expect(JSON.parse(canonicalJson(value))).toEqual(value);
  });
});
