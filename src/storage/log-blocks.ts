/** Logs as they are written: lines, joined to blocks, since a program may make a chunk of every byte. */
import { chunkToLine } from '../engine-contract/chunk-lines';
import type { OutputChunk } from '../engine-contract/report';

const BLOCK_CHARACTERS = 256 * 1024;

export function* toBlocks(chunks: readonly OutputChunk[]): Generator<string> {
  let block = '';
  for (const chunk of chunks) {
    block += chunkToLine(chunk);
    if (block.length < BLOCK_CHARACTERS) continue;
    yield block;
    block = '';
  }
  yield block;
}
