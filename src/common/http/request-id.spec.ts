import { validate, version } from 'uuid';
import { requestIdFrom } from './request-id';

const idOf = (header: string | string[] | undefined): string =>
  requestIdFrom({ headers: { ...(header !== undefined && { 'x-request-id': header }) } });

describe('requestIdFrom', () => {
  it.each(['a', 'A-b_c.9', '0', 'x'.repeat(128)])('keeps the id %j', (header) => {
    expect(idOf(header)).toBe(header);
  });

  it.each([undefined, '', 'x'.repeat(129), 'a b', 'a\n', 'a\nb', 'é', 'a/b', '<b>', 'a,b', ['a', 'b']])(
    'replaces %j by a new UUIDv7',
    (header) => {
      const id = idOf(header);
      expect([validate(id), version(id)]).toEqual([true, 7]);
    },
  );

  it('never returns the same new id twice', () => {
    expect(new Set(Array.from({ length: 1000 }, () => idOf(undefined))).size).toBe(1000);
  });
});
