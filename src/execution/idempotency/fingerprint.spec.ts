/** Which requests are the same, and which are not. */
import { type RequestIdentity, canonicalJson, fingerprintOf } from './fingerprint';

const REQUEST: RequestIdentity = {
  method: 'POST',
  path: '/api/execute/1',
  body: { input: 'a', timeout: 5 },
};

describe('The fingerprint of a request', () => {
  it.each([
    ['fields in another order', { ...REQUEST, body: { timeout: 5, input: 'a' } }],
    ['fields that are undefined', { ...REQUEST, body: { input: 'a', timeout: 5, callback: undefined } }],
    ['no word of being asynchronous', { ...REQUEST, isAsynchronous: false }],
  ])('is the same with %s', (_what, other) => {
    expect(fingerprintOf(other)).toBe(fingerprintOf(REQUEST));
  });

  it('is the same without a body as with an empty one', () => {
    const { method, path } = REQUEST;
    expect(fingerprintOf({ method, path })).toBe(fingerprintOf({ method, path, body: {} }));
  });

  it.each([
    ['method', { ...REQUEST, method: 'PUT' }],
    ['path', { ...REQUEST, path: '/api/execute/2' }],
    ['body', { ...REQUEST, body: { input: 'b', timeout: 5 } }],
    ['type in the body', { ...REQUEST, body: { input: 'a', timeout: '5' } }],
    ['field more', { ...REQUEST, body: { input: 'a', timeout: 5, callback: 'x' } }],
    ['preference', { ...REQUEST, isAsynchronous: true }],
  ])('is another one with another %s', (_what, other) => {
    expect(fingerprintOf(other)).not.toBe(fingerprintOf(REQUEST));
  });
});

describe('canonicalJson', () => {
  it('sorts names at every depth, keeps the order of lists, and leaves out what is undefined', () => {
    const value = { b: [{ d: 1, c: null }, 'é"'], a: { f: true, e: undefined }, 10: 0, 9: -0.5 };
    expect(canonicalJson(value)).toBe('{"10":0,"9":-0.5,"a":{"f":true},"b":[{"c":null,"d":1},"é\\""]}');
  });

  it('is JSON that says the same', () => {
    const value = { z: { y: ['\u2028\ud83d', ''] }, __proto__x: 1e21 };
    expect(JSON.parse(canonicalJson(value))).toEqual(value);
  });
});
