import { validate, version } from 'uuid';
import { requestIdFrom } from './request-id';

const idOf = (given: string | string[] | undefined): string =>
  requestIdFrom({ headers: { ...(given !== undefined && { 'x-request-id': given }) } });

describe('requestIdOf', () => {
  it.each(['a', 'A-b_c.9', '0', 'x'.repeat(128)])('keeps the id %j', (given) => {
    expect(idOf(given)).toBe(given);
  });

  it.each([undefined, '', 'x'.repeat(129), 'a b', 'a\n', 'a\nb', 'é', 'a/b', '<b>', 'a,b', ['a', 'b']])(
    'replaces %j by a new UUIDv7',
    (given) => {
      const id = idOf(given);
      expect([validate(id), version(id)]).toEqual([true, 7]);
    },
  );

  it('never returns the same new id twice', () => {
    expect(new Set(Array.from({ length: 1000 }, () => idOf(undefined))).size).toBe(1000);
  });
});
