const LINE_FEED = 0x0a;

/**
 * Reads the lines of an NDJSON stream. Node's readline would also split lines at U+2028, U+2029 and CR, but JSON strings may
 * contain the first two unescaped.
 */
export async function* readLines(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let partial: Buffer[] = [];
  for await (const bytes of stream) {
    let from = 0;
    for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, from)) {
      yield Buffer.concat([...partial, bytes.subarray(from, at)]).toString('utf8');
      partial = [];
      from = at + 1;
    }
    if (from < bytes.length) partial.push(bytes.subarray(from));
  }
  if (partial.length > 0) yield Buffer.concat(partial).toString('utf8');
}
