import { readLines } from './lines';

async function read(...pieces: (string | Buffer)[]): Promise<string[]> {
  async function* stream(): AsyncGenerator<Buffer> {
    for (const piece of pieces) yield await Promise.resolve(Buffer.from(piece));
  }
  const lines: string[] = [];
  for await (const line of readLines(stream())) lines.push(line);
  return lines;
}

describe('readLines', () => {
  it('returns no line for an empty stream, and a last line without a line feed', async () => {
    expect([await read(), await read('')]).toEqual([[], []]);
    expect([await read('a\nb'), await read('a\nb\n')]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it('keeps empty lines', async () => {
    expect(await read('\n\na\n\n')).toEqual(['', '', 'a', '']);
  });

  it('splits lines only at line feeds', async () => {
    const line = 'a\u2028b\u2029c\rd\u0085e\v\f';
    expect(await read(`${line}\n${line}`)).toEqual([line, line]);
  });

  it('returns the same lines however the bytes are split, even within a character', async () => {
    const bytes = Buffer.from('é😀\n\n漢\nend');
    for (let size = 1; size <= bytes.length; size += 1) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      expect(await read(...pieces)).toEqual(['é😀', '', '漢', 'end']);
    }
  });
});
