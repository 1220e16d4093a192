import { chunkToLine } from '../engine-contract/chunk-lines';
import type { OutputChunk } from '../engine-contract/report';

const BLOCK_CHARACTERS = 256 * 1024;

/** Joins the lines of a log to blocks, because a program may produce a chunk for every byte. */
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
