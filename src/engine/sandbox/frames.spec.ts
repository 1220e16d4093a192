/** What the supervisor sends and is told. */
import { EngineError } from './engine.error';
import { FrameReader, encodeMessage } from './frames';

function frame(type: string, payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([Buffer.from(type, 'latin1'), length, bytes]);
}

const read = (bytes: Buffer) => new FrameReader().read(bytes);
const resultOf = (text: string): unknown =>
  read(frame('r', text)).map((f) => ('result' in f ? f.result : f))[0];

describe('FrameReader', () => {
  const all = Buffer.concat([
    frame('s', ''),
    frame('w', ''),
    frame('o', 'out'),
    frame('e', Buffer.of(0, 255, 10)),
    frame('o', ''),
    frame('r', '0 12400 9810 2048'),
    frame('x', 'python3: No such file or directory'),
  ]);
  const frames = [
    { kind: 'ready' },
    { kind: 'preloaded' },
    { kind: 'output', stream: 'stdout', data: Buffer.from('out') },
    { kind: 'output', stream: 'stderr', data: Buffer.of(0, 255, 10) },
    { kind: 'output', stream: 'stdout', data: Buffer.alloc(0) },
    {
      kind: 'result',
      result: { exitCode: 0, signal: null, wallMs: 12.4, cpuMs: 9.81, residentBytes: 2 * 1024 * 1024 },
    },
    { kind: 'failure', reason: 'python3: No such file or directory' },
  ];

  it('gives every frame in order', () => {
    expect(read(all)).toEqual(frames);
  });

  it('gives the same frames however the bytes arrive', () => {
    for (let size = 1; size <= all.length; size += 1) {
      const reader = new FrameReader();
      const found = [];
      for (let at = 0; at < all.length; at += size) found.push(...reader.read(all.subarray(at, at + size)));
      expect(found).toEqual(frames);
    }
  });

  it('takes the largest payload that the supervisor reads at a time, and no larger one', () => {
    expect(read(frame('o', Buffer.alloc(65_536)))).toHaveLength(1);
    expect(() => read(frame('o', Buffer.alloc(65_537)))).toThrow(EngineError);
  });

  it('refuses a length that is too large before its payload is there', () => {
    expect(() => read(Buffer.from('o\xff\xff\xff\xff', 'latin1'))).toThrow(EngineError);
  });

  it.each(['z', '\0', '\xff'])('refuses a frame of the unknown type %j', (type) => {
    expect(() => read(frame(type, ''))).toThrow(EngineError);
  });

  it.each([
    [0, 0, null],
    [139 << 8, 139, null],
    [255 << 8, 255, null],
    [9, null, 9],
    [11 | 0x80, null, 11],
  ])('tells in the wait status %d the exit code %j from the signal %j', (status, exitCode, signal) => {
    expect(resultOf(`${status.toString()} 1 1 1`)).toMatchObject({ exitCode, signal });
  });

  it.each(['', 'a b c d', '0 1 2', '0 1 x 3'])('refuses %j as a result', (text) => {
    expect(() => resultOf(text)).toThrow(EngineError);
  });
});

describe('messageOf', () => {
  it('ends each field with a zero byte, also the last and an empty one', () => {
    expect(encodeMessage('g', ['0=2', '', 'word'])).toEqual(frame('g', '0=2\0\0word\0'));
  });

  it('counts bytes, not characters', () => {
    expect(encodeMessage('p', ['é€'])).toEqual(frame('p', 'é€\0'));
  });

  it('may be a letter alone', () => {
    expect(encodeMessage('a')).toEqual(frame('a', ''));
  });
});
