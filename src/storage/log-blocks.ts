/** Logs as they are written: lines, joined to blocks, since a program may make a chunk of every byte. */
import { chunkToLine } from '../common/chunk-lines';
import type { OutputChunk } from '../common/report';

const BLOCK_CHARACTERS = 256 * 1024;

export function* blocksOf(chunks: readonly OutputChunk[]): Generator<string> {
  let block = '';
  for (const chunk of chunks) {
    block += chunkToLine(chunk);
    if (block.length < BLOCK_CHARACTERS) continue;
    yield block;
    block = '';
  }
  yield block;
}
