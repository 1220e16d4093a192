import { EngineError } from './engine.error';
import { FrameReader, MESSAGE_TYPE, encodeMessage } from './frames';

function frame(type: string, payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([Buffer.from(type, 'latin1'), length, bytes]);
}

const read = (bytes: Buffer) => new FrameReader().read(bytes);
const decodeResult = (text: string): unknown =>
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

  it('returns all frames in order', () => {
    expect(read(all)).toEqual(frames);
  });

  it('returns the same frames however the bytes are split', () => {
    for (let size = 1; size <= all.length; size += 1) {
      const reader = new FrameReader();
      const found = [];
      for (let at = 0; at < all.length; at += size) found.push(...reader.read(all.subarray(at, at + size)));
      expect(found).toEqual(frames);
    }
  });

  it('accepts the largest block that the supervisor reads, and no larger payload', () => {
    expect(read(frame('o', Buffer.alloc(65_536)))).toHaveLength(1);
    expect(() => read(frame('o', Buffer.alloc(65_537)))).toThrow(EngineError);
  });

  it('rejects a length that is too large before the payload arrives', () => {
    expect(() => read(Buffer.from('o\xff\xff\xff\xff', 'latin1'))).toThrow(EngineError);
  });

  it.each(['z', '\0', '\xff'])('rejects a frame of the unknown type %j', (type) => {
    expect(() => read(frame(type, ''))).toThrow(EngineError);
  });

  it.each([
    [0, 0, null],
    [139 << 8, 139, null],
    [255 << 8, 255, null],
    [9, null, 9],
    [11 | 0x80, null, 11],
  ])('decodes the wait status %d as exit code %j and signal %j', (status, exitCode, signal) => {
    expect(decodeResult(`${status.toString()} 1 1 1`)).toMatchObject({ exitCode, signal });
  });

  it.each(['', 'a b c d', '0 1 2', '0 1 x 3'])('rejects the result %j', (text) => {
    expect(() => decodeResult(text)).toThrow(EngineError);
  });
});

describe('encodeMessage', () => {
  it('terminates every field with a zero byte, including the last and an empty one', () => {
    expect(encodeMessage(MESSAGE_TYPE.run, ['0=2', '', 'Main'])).toEqual(frame('g', '0=2\0\0Main\0'));
  });

  it('counts the payload in bytes, not characters', () => {
    expect(encodeMessage(MESSAGE_TYPE.preload, ['é€'])).toEqual(frame('p', 'é€\0'));
  });

  it('encodes a message without fields', () => {
    expect(encodeMessage(MESSAGE_TYPE.joinGroups)).toEqual(frame('a', ''));
  });
});
