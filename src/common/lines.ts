/**
 * The lines of an NDJSON stream. Node's readline would also end a line at U+2028, U+2029 and CR, and JSON leaves the
 * first two as they are inside a string.
 */
const LINE_FEED = 0x0a;

export async function* readLines(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let begun: Buffer[] = [];
  for await (const bytes of stream) {
    let from = 0;
    for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, from)) {
      yield Buffer.concat([...begun, bytes.subarray(from, at)]).toString('utf8');
      begun = [];
      from = at + 1;
    }
    if (from < bytes.length) begun.push(bytes.subarray(from));
  }
  if (begun.length > 0) yield Buffer.concat(begun).toString('utf8');
}
