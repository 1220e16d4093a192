/** Lines of chunks are read back as they were, and are the same bytes as before there were inputs. */
import { chunkFromLine, chunkToLine } from './chunk-lines';
import type { OutputChunk } from './report';

const CHUNK: OutputChunk = { seq: 3, tMs: 1.5, stream: 'stderr', data: 'a\n' };

describe('chunkToLine', () => {
  it('gives a single input the form that it has always had', () => {
    const line = '{"seq":3,"t_ms":1.5,"stream":"stderr","data":"a\\n"}\n';
    expect(chunkToLine(CHUNK)).toBe(line);
    expect(chunkToLine({ ...CHUNK, input: undefined })).toBe(line);
    expect(chunkFromLine(line)).toStrictEqual(CHUNK);
  });

  it('keeps which of many inputs a chunk comes from, the first included', () => {
    expect(chunkToLine({ ...CHUNK, input: 0 })).toContain('"input":0');
    for (const input of [0, 99]) {
      const chunk = { ...CHUNK, input };
      expect(chunkFromLine(chunkToLine(chunk))).toStrictEqual(chunk);
    }
  });
});
