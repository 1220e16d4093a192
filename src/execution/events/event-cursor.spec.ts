import { type EventCursor, cursorFromId, cursorToId } from './event-cursor';

const CURSORS: readonly EventCursor[] = [
  { kind: 'output', attempt: 0, chunks: 0 },
  { kind: 'output', attempt: 12, chunks: 345 },
  { kind: 'end', attempt: 0, endedMs: 1_795_554_700_657 },
  { kind: 'end', attempt: 7, endedMs: 0 },
];

describe('an id of an event', () => {
  it.each(CURSORS)('is a whole cursor: %j', (cursor) => {
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
  ])('is not %j', (id) => {
    expect(cursorFromId(id)).toBeUndefined();
  });

  it('holds no number that is not exact', () => {
    expect(cursorFromId(`1.${'9'.repeat(15)}`)).toMatchObject({ chunks: 999_999_999_999_999 });
    expect(cursorFromId(`1.${'9'.repeat(16)}`)).toBeUndefined();
  });
});
