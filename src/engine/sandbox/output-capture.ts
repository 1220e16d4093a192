import { TextDecoder } from 'node:util';
import { PREVIEW_BYTES } from '../../engine-contract/output.body';
import type { OutputChunk, OutputPreview, StreamName } from '../../engine-contract/report';

const CHUNK_CHARACTERS_MAX = 64 * 1024;
/** Enough for the last error message of an interpreter, which may be beyond the preview. */
const OUTPUT_TAIL_CHARACTERS = 4096;
/** Milliseconds during which small writes are merged: too short for a person to notice, and longer than the pause between the writes of a loop. */
const CHUNK_DELAY_MS = 10;

export type OnOutput = (chunk: OutputChunk) => void;

interface StreamState {
  readonly decoder: TextDecoder;
  bytes: number;
  preview: string;
  previewBytes: number;
  outputTail: string;
  /** Whether bytes were dropped because of the output limit. */
  isLimitReached: boolean;
  isTruncated: boolean;
}

/** Decodes and counts the output of a program, keeps a preview, passes it on in chunks, and checks the output limit. */
export class OutputCapture {
  private readonly streams: Record<StreamName, StreamState> = { stdout: newStream(), stderr: newStream() };
  private startedAt = performance.now();
  private seq = 0;
  private pendingChunk: { stream: StreamName; tMs: number; data: string } | undefined;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param bytesMax limit of both streams together; further bytes are counted and dropped
   * @param previewBytesMax limit of the preview of each stream
   */
  constructor(
    private readonly bytesMax: number,
    private readonly onOutput: OnOutput,
    private readonly previewBytesMax = PREVIEW_BYTES,
  ) {}

  get isLimitExceeded(): boolean {
    return this.bytes > this.bytesMax;
  }

  /** The end of each stream. */
  get outputTail(): string {
    return `${this.streams.stdout.outputTail}\n${this.streams.stderr.outputTail}`;
  }

  /** The times of the chunks (`tMs`) count from this call. */
  start(): void {
    this.startedAt = performance.now();
  }

  write(stream: StreamName, data: Buffer): void {
    const state = this.streams[stream];
    const available = Math.max(0, this.bytesMax - this.bytes);
    state.bytes += data.length;
    if (data.length > available) state.isLimitReached = state.isTruncated = true;
    if (available > 0)
      this.append(stream, state.decoder.decode(data.subarray(0, available), { stream: true }));
  }

  /**
   * Passes on the remaining output. Call once, after the last write. An incomplete character at the end becomes U+FFFD if
   * the program wrote it so, and is omitted if the output limit cut it.
   */
  finish(): OutputPreview {
    for (const stream of ['stdout', 'stderr'] as const) {
      const { decoder, isLimitReached } = this.streams[stream];
      if (!isLimitReached) this.append(stream, decoder.decode());
    }
    this.flush();
    const { stdout, stderr } = this.streams;
    return {
      stdout: stdout.preview,
      stderr: stderr.preview,
      stdoutBytes: stdout.bytes,
      stderrBytes: stderr.bytes,
      stdoutTruncated: stdout.isTruncated,
      stderrTruncated: stderr.isTruncated,
    };
  }

  private get bytes(): number {
    return this.streams.stdout.bytes + this.streams.stderr.bytes;
  }

  private append(stream: StreamName, text: string): void {
    if (text === '') return;
    const state = this.streams[stream];
    extendPreview(state, text, this.previewBytesMax);
    state.outputTail = (text.length < OUTPUT_TAIL_CHARACTERS ? state.outputTail + text : text).slice(
      -OUTPUT_TAIL_CHARACTERS,
    );
    if (this.pendingChunk && this.pendingChunk.stream !== stream) this.flush();
    this.pendingChunk ??= { stream, tMs: performance.now() - this.startedAt, data: '' };
    this.pendingChunk.data += text;
    if (this.pendingChunk.data.length >= CHUNK_CHARACTERS_MAX) this.flush();
    else
      this.timer ??= setTimeout(() => {
        this.flush();
      }, CHUNK_DELAY_MS);
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.pendingChunk) return;
    const { stream, tMs, data } = this.pendingChunk;
    this.pendingChunk = undefined;
    this.onOutput({ seq: this.seq++, tMs: Math.round(tMs * 10) / 10, stream, data });
  }
}

function newStream(): StreamState {
  return {
    // ignoreBOM keeps a byte order mark that the program wrote.
    decoder: new TextDecoder('utf-8', { ignoreBOM: true }),
    bytes: 0,
    preview: '',
    previewBytes: 0,
    outputTail: '',
    isLimitReached: false,
    isTruncated: false,
  };
}

function extendPreview(state: StreamState, text: string, bytesMax: number): void {
  if (state.isTruncated && state.previewBytes >= bytesMax) return;
  const encoded = Buffer.from(text);
  const available = bytesMax - state.previewBytes;
  if (encoded.length <= available) {
    state.preview += text;
    state.previewBytes += encoded.length;
    return;
  }
  let end = available;
  // Bytes 10xxxxxx continue a character (RFC 3629): go back to the start of the character.
  while (end > 0 && ((encoded[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  state.preview += encoded.toString('utf8', 0, end);
  state.previewBytes = bytesMax;
  state.isTruncated = true;
}
