/** Capturing output: counting, decoding, previewing, limiting, handing on. */
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

const textOf = (chunks: readonly OutputChunk[]): string => chunks.map(({ data }) => data).join('');
/** Captures the pieces on stdout. */
function captured(pieces: readonly (Buffer | string)[], bytesMax?: number) {
  const { capture, chunks } = newCapture(bytesMax);
  for (const piece of pieces) capture.write('stdout', Buffer.from(piece));
  return { preview: capture.finish(), text: textOf(chunks), exceeded: capture.isLimitExceeded };
}

describe('OutputCapture', () => {
  it('of nothing gives empty streams and no chunk', () => {
    const { capture, chunks } = newCapture();
    expect(capture.finish()).toEqual({
      ...{ stdout: '', stderr: '', stdoutBytes: 0, stderrBytes: 0 },
      ...{ stdoutTruncated: false, stderrTruncated: false },
    });
    expect(chunks).toEqual([]);
  });

  it('counts the bytes of each stream as they were written', () => {
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
    it('characters that are split over writes at any byte', () => {
      const text = 'aé漢😀\u{10ffff}z';
      const bytes = Buffer.from(text);
      for (let size = 1; size <= bytes.length; size += 1) {
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );
        const { preview, text: logged } = captured(pieces);
        expect([size, preview.stdout, logged]).toEqual([size, text, text]);
      }
    });

    it('each stream for itself, when their bytes come in turns', () => {
      const { capture, chunks } = newCapture();
      const [first, second] = [Buffer.from('😀'), Buffer.from('漢字')];
      for (let at = 0; at < 6; at += 1) {
        capture.write('stdout', first.subarray(at, at + 1));
        capture.write('stderr', second.subarray(at, at + 1));
      }
      expect(capture.finish()).toMatchObject({ stdout: '😀', stderr: '漢字' });
      expect(textOf(chunks.filter(({ stream }) => stream === 'stderr'))).toBe('漢字');
    });

    it.each([
      ['half a character at the end', Buffer.from('ab😀').subarray(0, 5), 'ab\ufffd'],
      ['a byte that is none of UTF-8', Buffer.of(0x61, 0xff, 0x62), 'a\ufffdb'],
      ['half a character before another', Buffer.of(0xe6, 0xbc, 0x61), '\ufffda'],
      ['a surrogate', Buffer.of(0xed, 0xa0, 0x80), '\ufffd'.repeat(3)],
    ])('%s as U+FFFD', (_what, bytes, text) => {
      const { preview, text: logged } = captured([bytes]);
      expect([preview.stdout, logged]).toEqual([text, text]);
    });

    it('NUL, control characters and a byte order mark as they are', () => {
      const text = '\ufeff\0\u0001\u001b\r\n\u2028\ufeff';
      expect(captured([text]).preview.stdout).toBe(text);
    });
  });

  describe('previews', () => {
    it('exactly 64 KiB without calling it truncated', () => {
      const { preview } = captured(['x'.repeat(PREVIEW)]);
      expect([preview.stdout.length, preview.stdoutTruncated]).toEqual([PREVIEW, false]);
    });

    it('64 KiB of more, in one write or in many, while the logs have it all', () => {
      for (const pieces of [
        ['x'.repeat(PREVIEW + 1)],
        Array<string>(9000).fill('01234567'),
        ['x'.repeat(PREVIEW), 'y'],
      ]) {
        const { preview, text } = captured(pieces);
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
      'up to the last whole character: %s that begins %d bytes before 64 KiB',
      (character, before, _beyond) => {
        const start = 'x'.repeat(PREVIEW - before);
        const fits = Buffer.byteLength(character) <= before;
        for (const pieces of [[`${start}${character}end`], [start, character, 'end']]) {
          const { preview } = captured(pieces);
          expect(preview.stdout).toBe(fits ? start + character : start);
          expect(preview.stdoutTruncated).toBe(true);
        }
      },
    );

    it('nothing that comes after the cut, even if it would fit', () => {
      const start = 'x'.repeat(PREVIEW - 1);
      expect(captured([start, '😀', 'y']).preview.stdout).toBe(start);
    });

    it('each stream for itself', () => {
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
  ])('previews at most %d bytes where that is asked for, in whole characters', (bytesMax, shown, isCut) => {
    const { capture, chunks } = newCapture(undefined, bytesMax);
    for (const piece of ['é', 'a漢']) capture.write('stderr', Buffer.from(piece));
    expect(capture.finish()).toMatchObject({ stderr: shown, stderrBytes: 6, stderrTruncated: isCut });
    expect(textOf(chunks)).toBe('éa漢');
  });

  it('knows the end of each stream, however little is previewed', () => {
    const { capture } = newCapture(undefined, 5);
    capture.write('stdout', Buffer.from('x'.repeat(10_000)));
    for (const piece of ['the ', 'end']) capture.write('stdout', Buffer.from(piece));
    capture.write('stderr', Buffer.from(`lost${'y'.repeat(4096)}`));
    capture.finish();
    const [stdout, stderr] = capture.outputTail.split('\n');
    expect([stdout, stderr]).toEqual([`${'x'.repeat(4089)}the end`, 'y'.repeat(4096)]);
  });

  describe('has a limit', () => {
    it('that is reached only beyond it', () => {
      expect(captured(['x'.repeat(1000)], 1000)).toMatchObject({
        exceeded: false,
        preview: { stdoutTruncated: false },
      });
      expect(captured(['x'.repeat(1001)], 1000)).toMatchObject({
        exceeded: true,
        preview: { stdoutTruncated: true },
      });
    });

    it('of both streams together; beyond it bytes are counted and dropped', () => {
      const { capture, chunks } = newCapture(10);
      capture.write('stdout', Buffer.from('123456'));
      capture.write('stderr', Buffer.from('abcdef'));
      capture.write('stdout', Buffer.from('789'));
      expect([capture.isLimitExceeded, textOf(chunks)]).toEqual([true, '123456']);
      expect(capture.finish()).toMatchObject({
        ...{ stdout: '123456', stdoutBytes: 9, stdoutTruncated: true },
        ...{ stderr: 'abcd', stderrBytes: 6, stderrTruncated: true },
      });
      expect(textOf(chunks)).toBe('123456abcd');
    });

    it('that cuts on a character boundary', () => {
      const { preview, text } = captured(['ab😀cd'], 4);
      expect([preview.stdout, text, preview.stdoutBytes]).toEqual(['ab', 'ab', 8]);
    });
  });

  describe('hands on', () => {
    beforeEach(() => {
      jest.useFakeTimers();
    });
    afterEach(() => {
      jest.useRealTimers();
    });

    it('small writes of one stream together, within 10 ms, with the time of the first', () => {
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

    it('the streams in the order of the writes, numbered over both', () => {
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

    it('a large write at once', () => {
      const { capture, chunks } = newCapture();
      capture.write('stdout', Buffer.alloc(65_536, 'x'));
      expect(chunks).toHaveLength(1);
    });

    it('nothing after its end', () => {
      const { capture, chunks } = newCapture();
      capture.write('stdout', Buffer.from('a'));
      capture.finish();
      jest.runAllTimers();
      expect([chunks.length, jest.getTimerCount()]).toEqual([1, 0]);
    });
  });
});
