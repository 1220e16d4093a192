import { chunkFromLine, chunkToLine } from './chunk-lines';
import type { OutputChunk } from './report';

const CHUNK: OutputChunk = { seq: 3, tMs: 1.5, stream: 'stderr', data: 'a\n' };

describe('chunkToLine', () => {
  it('writes a chunk of a single input in the form that is stored since the first version', () => {
    const line = '{"seq":3,"t_ms":1.5,"stream":"stderr","data":"a\\n"}\n';
    expect(chunkToLine(CHUNK)).toBe(line);
    expect(chunkToLine({ ...CHUNK, input: undefined })).toBe(line);
    expect(chunkFromLine(line)).toStrictEqual(CHUNK);
  });

  it('keeps the index of the input, including 0', () => {
    expect(chunkToLine({ ...CHUNK, input: 0 })).toContain('"input":0');
    for (const input of [0, 99]) {
      const chunk = { ...CHUNK, input };
      expect(chunkFromLine(chunkToLine(chunk))).toStrictEqual(chunk);
    }
  });
});
