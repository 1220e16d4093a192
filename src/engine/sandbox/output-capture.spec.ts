import type { OutputChunk } from '../../engine-contract/report';
import { OutputCapture } from './output-capture';

const PREVIEW = 64 * 1024;

function newCapture(
  bytesMax = 10_000_000,
  previewBytesMax?: number,
): { capture: OutputCapture; chunks: OutputChunk[] } {
  const chunks: OutputChunk[] = [];
  const capture = new OutputCapture(bytesMax, (chunk) => chunks.push(chunk), previewBytesMax);
  capture.start();
  return { capture, chunks };
}

const joinText = (chunks: readonly OutputChunk[]): string => chunks.map(({ data }) => data).join('');
/** Captures the pieces as writes to stdout. */
function captureStdout(pieces: readonly (Buffer | string)[], bytesMax?: number) {
  const { capture, chunks } = newCapture(bytesMax);
  for (const piece of pieces) capture.write('stdout', Buffer.from(piece));
  return { preview: capture.finish(), text: joinText(chunks), isLimitExceeded: capture.isLimitExceeded };
}

describe('OutputCapture', () => {
  it('returns empty streams and no chunk without output', () => {
    const { capture, chunks } = newCapture();
    expect(capture.finish()).toEqual({
      stdout: '',
      stderr: '',
      stdoutBytes: 0,
      stderrBytes: 0,
      stdoutTruncated: false,
      stderrTruncated: false,
    });
    expect(chunks).toEqual([]);
  });

  it('counts the bytes of each stream as the program wrote them', () => {
    const { capture } = newCapture();
    capture.write('stdout', Buffer.from('é'));
    capture.write('stderr', Buffer.of(0xff, 0xff, 0xff));
    expect(capture.finish()).toMatchObject({
      stdoutBytes: 2,
      stderrBytes: 3,
      stdout: 'é',
      stderr: '\ufffd'.repeat(3),
    });
  });

  describe('decodes', () => {
    it('characters that are split between writes at any byte', () => {
      const text = 'aé漢😀\u{10ffff}z';
      const bytes = Buffer.from(text);
      for (let size = 1; size <= bytes.length; size += 1) {
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );
        const { preview, text: logged } = captureStdout(pieces);
        expect([size, preview.stdout, logged]).toEqual([size, text, text]);
      }
    });

    it('each stream separately when their bytes alternate', () => {
      const { capture, chunks } = newCapture();
      const [first, second] = [Buffer.from('😀'), Buffer.from('漢字')];
      for (let at = 0; at < 6; at += 1) {
        capture.write('stdout', first.subarray(at, at + 1));
        capture.write('stderr', second.subarray(at, at + 1));
      }
      expect(capture.finish()).toMatchObject({ stdout: '😀', stderr: '漢字' });
      expect(joinText(chunks.filter(({ stream }) => stream === 'stderr'))).toBe('漢字');
    });

    it.each([
      ['half a character at the end', Buffer.from('ab😀').subarray(0, 5), 'ab\ufffd'],
      ['a byte that is not valid in UTF-8', Buffer.of(0x61, 0xff, 0x62), 'a\ufffdb'],
      ['half a character before another', Buffer.of(0xe6, 0xbc, 0x61), '\ufffda'],
      ['a surrogate', Buffer.of(0xed, 0xa0, 0x80), '\ufffd'.repeat(3)],
    ])('%s as U+FFFD', (_what, bytes, text) => {
      const { preview, text: logged } = captureStdout([bytes]);
      expect([preview.stdout, logged]).toEqual([text, text]);
    });

    it('NUL, control characters and a byte order mark without change', () => {
      const text = '\ufeff\0\u0001\u001b\r\n\u2028\ufeff';
      expect(captureStdout([text]).preview.stdout).toBe(text);
    });
  });

  describe('previews', () => {
    it('exactly 64 KiB without marking it as truncated', () => {
      const { preview } = captureStdout(['x'.repeat(PREVIEW)]);
      expect([preview.stdout.length, preview.stdoutTruncated]).toEqual([PREVIEW, false]);
    });

    it('the first 64 KiB of a longer output in one or many writes, while the chunks contain all of it', () => {
      for (const pieces of [
        ['x'.repeat(PREVIEW + 1)],
        Array<string>(9000).fill('01234567'),
        ['x'.repeat(PREVIEW), 'y'],
      ]) {
        const { preview, text } = captureStdout(pieces);
        expect([preview.stdout, preview.stdoutTruncated]).toEqual([text.slice(0, PREVIEW), true]);
        expect([text, preview.stdoutBytes]).toEqual([pieces.join(''), text.length]);
      }
    });

    it.each([
      ['😀', 1, 3],
      ['😀', 2, 2],
      ['漢', 1, 2],
      ['é', 1, 1],
      ['é', 2, 0],
    ])(
      'up to the last complete character when %s starts %d bytes before 64 KiB',
      (character, before, _beyond) => {
        const start = 'x'.repeat(PREVIEW - before);
        const fits = Buffer.byteLength(character) <= before;
        for (const pieces of [[`${start}${character}end`], [start, character, 'end']]) {
          const { preview } = captureStdout(pieces);
          expect(preview.stdout).toBe(fits ? start + character : start);
          expect(preview.stdoutTruncated).toBe(true);
        }
      },
    );

    it('nothing after an omitted character, even if it would fit', () => {
      const start = 'x'.repeat(PREVIEW - 1);
      expect(captureStdout([start, '😀', 'y']).preview.stdout).toBe(start);
    });

    it('each stream separately', () => {
      const { capture } = newCapture();
      capture.write('stdout', Buffer.alloc(PREVIEW + 5, 'o'));
      capture.write('stderr', Buffer.from('e'));
      expect(capture.finish()).toMatchObject({ stderr: 'e', stdoutTruncated: true, stderrTruncated: false });
    });
  });

  it.each([
    [0, '', true],
    [1, '', true],
    [2, 'é', true],
    [3, 'éa', true],
    [6, 'éa漢', false],
  ])(
    'previews at most %d bytes if so configured, in complete characters',
    (bytesMax, preview, isTruncated) => {
      const { capture, chunks } = newCapture(undefined, bytesMax);
      for (const piece of ['é', 'a漢']) capture.write('stderr', Buffer.from(piece));
      expect(capture.finish()).toMatchObject({
        stderr: preview,
        stderrBytes: 6,
        stderrTruncated: isTruncated,
      });
      expect(joinText(chunks)).toBe('éa漢');
    },
  );

  it('keeps the end of each stream, whatever the size of the preview', () => {
    const { capture } = newCapture(undefined, 5);
    capture.write('stdout', Buffer.from('x'.repeat(10_000)));
    for (const piece of ['the ', 'end']) capture.write('stdout', Buffer.from(piece));
    capture.write('stderr', Buffer.from(`lost${'y'.repeat(4096)}`));
    capture.finish();
    const [stdout, stderr] = capture.outputTail.split('\n');
    expect([stdout, stderr]).toEqual([`${'x'.repeat(4089)}the end`, 'y'.repeat(4096)]);
  });

  describe('enforces a limit', () => {
    it('that is exceeded only by one byte more', () => {
      expect(captureStdout(['x'.repeat(1000)], 1000)).toMatchObject({
        isLimitExceeded: false,
        preview: { stdoutTruncated: false },
      });
      expect(captureStdout(['x'.repeat(1001)], 1000)).toMatchObject({
        isLimitExceeded: true,
        preview: { stdoutTruncated: true },
      });
    });

    it('for both streams together; further bytes are counted and dropped', () => {
      const { capture, chunks } = newCapture(10);
      capture.write('stdout', Buffer.from('123456'));
      capture.write('stderr', Buffer.from('abcdef'));
      capture.write('stdout', Buffer.from('789'));
      expect([capture.isLimitExceeded, joinText(chunks)]).toEqual([true, '123456']);
      expect(capture.finish()).toMatchObject({
        stdout: '123456',
        stdoutBytes: 9,
        stdoutTruncated: true,
        stderr: 'abcd',
        stderrBytes: 6,
        stderrTruncated: true,
      });
      expect(joinText(chunks)).toBe('123456abcd');
    });

    it('at a character boundary', () => {
      const { preview, text } = captureStdout(['ab😀cd'], 4);
      expect([preview.stdout, text, preview.stdoutBytes]).toEqual(['ab', 'ab', 8]);
    });
  });

  describe('passes on', () => {
    beforeEach(() => {
      jest.useFakeTimers();
    });
    afterEach(() => {
      jest.useRealTimers();
    });

    it('small writes of one stream within 10 ms as one chunk with the time of the first', () => {
      const { capture, chunks } = newCapture();
      jest.advanceTimersByTime(5);
      capture.write('stdout', Buffer.from('a'));
      jest.advanceTimersByTime(4);
      capture.write('stdout', Buffer.from('b'));
      jest.advanceTimersByTime(5);
      expect(chunks).toEqual([]);
      jest.advanceTimersByTime(1);
      expect(chunks).toEqual([{ seq: 0, tMs: 5, stream: 'stdout', data: 'ab' }]);
      capture.write('stdout', Buffer.from('c'));
      capture.finish();
      expect(chunks[1]).toEqual({ seq: 1, tMs: 15, stream: 'stdout', data: 'c' });
    });

    it('the streams in the order of the writes, with one numbering for both', () => {
      const { capture, chunks } = newCapture();
      for (const stream of ['stdout', 'stderr', 'stderr', 'stdout'] as const)
        capture.write(stream, Buffer.from(stream.slice(3)));
      capture.finish();
      expect(chunks.map(({ seq, stream, data }) => [seq, stream, data])).toEqual([
        [0, 'stdout', 'out'],
        [1, 'stderr', 'errerr'],
        [2, 'stdout', 'out'],
      ]);
    });

    it('a large write immediately', () => {
      const { capture, chunks } = newCapture();
      capture.write('stdout', Buffer.alloc(65_536, 'x'));
      expect(chunks).toHaveLength(1);
    });

    it('nothing after finish()', () => {
      const { capture, chunks } = newCapture();
      capture.write('stdout', Buffer.from('a'));
      capture.finish();
      jest.runAllTimers();
      expect([chunks.length, jest.getTimerCount()]).toEqual([1, 0]);
    });
  });
});
