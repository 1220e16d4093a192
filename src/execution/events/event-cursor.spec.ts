import { type EventCursor, cursorFromId, cursorToId } from './event-cursor';

const CURSORS: readonly EventCursor[] = [
  { kind: 'output', attempt: 0, chunks: 0 },
  { kind: 'output', attempt: 12, chunks: 345 },
  { kind: 'end', attempt: 0, endedMs: 1_795_554_700_657 },
  { kind: 'end', attempt: 7, endedMs: 0 },
];

describe('The id of an event', () => {
  it.each(CURSORS)('can be converted to a cursor and back: %j', (cursor) => {
    expect(cursorFromId(cursorToId(cursor))).toEqual(cursor);
  });

  it.each([
    '',
    '1',
    '1.',
    '.1',
    '1.end',
    '1.end.',
    '1.end.x',
    '1.0.0',
    ' 1.0',
    '1.0\n',
    '+1.0',
    '1e3.0',
    '1.-1',
  ])('cannot be %j', (id) => {
    expect(cursorFromId(id)).toBeUndefined();
  });

  it('has at most 15 digits per number, which a double represents exactly', () => {
    expect(cursorFromId(`1.${'9'.repeat(15)}`)).toMatchObject({ chunks: 999_999_999_999_999 });
    expect(cursorFromId(`1.${'9'.repeat(16)}`)).toBeUndefined();
  });
});
