/** The supervisor's protocol as bytes: a letter, a length of 4 bytes in network order, a payload. */
import { EngineError } from './engine.error';

type Frame =
  /** The sandbox is made and has a process for the program. */
  | { readonly kind: 'ready' }
  /** The interpreter is loaded and waits for its code. */
  | { readonly kind: 'loaded' }
  /** The program has begun. */
  | { readonly kind: 'begun' }
  | { readonly kind: 'output'; readonly stream: 'stdout' | 'stderr'; readonly data: Buffer }
  | { readonly kind: 'result'; readonly result: SupervisorResult }
  | { readonly kind: 'failure'; readonly reason: string };

export interface SupervisorResult {
  readonly exitCode: number | null;
  /** The number of the signal that ended the program. */
  readonly signal: number | null;
  readonly wallMs: number;
  /** ms, of all processes that have ended. */
  readonly cpuMs: number;
  /** Bytes, the largest resident size of any single process. */
  readonly residentBytes: number;
}

/** What the engine tells: that the supervisor is in its account; to load an interpreter; to begin. */
export type MessageType = 'a' | 'p' | 'g';

/** @param fields none may contain a zero byte, which ends each */
export function encodeMessage(type: MessageType, fields: readonly string[] = []): Buffer {
  const payload = Buffer.from(fields.map((field) => `${field}\0`).join(''));
  const header = Buffer.from(`${type}    `, 'latin1');
  header.writeUInt32BE(payload.length, 1);
  return Buffer.concat([header, payload]);
}

const HEADER_BYTES = 5;
/** The supervisor reads 64 KiB at a time. */
const PAYLOAD_BYTES_MAX = 65_536;

export class FrameReader {
  private pending: Buffer = Buffer.alloc(0);

  /** @throws EngineError when the bytes are no frames */
  read(bytes: Buffer): Frame[] {
    this.pending = this.pending.length === 0 ? bytes : Buffer.concat([this.pending, bytes]);
    const frames: Frame[] = [];
    while (this.pending.length >= HEADER_BYTES) {
      const length = this.pending.readUInt32BE(1);
      if (length > PAYLOAD_BYTES_MAX) throw new EngineError('The supervisor sent a frame that is too long');
      const end = HEADER_BYTES + length;
      if (this.pending.length < end) break;
      frames.push(
        decodeFrame(String.fromCharCode(this.pending.readUInt8(0)), this.pending.subarray(HEADER_BYTES, end)),
      );
      this.pending = this.pending.subarray(end);
    }
    return frames;
  }
}

function decodeFrame(type: string, payload: Buffer): Frame {
  switch (type) {
    case 's':
      return { kind: 'ready' };
    case 'w':
      return { kind: 'loaded' };
    case 'b':
      return { kind: 'begun' };
    case 'o':
      return { kind: 'output', stream: 'stdout', data: payload };
    case 'e':
      return { kind: 'output', stream: 'stderr', data: payload };
    case 'r':
      return { kind: 'result', result: decodeResult(payload.toString('latin1')) };
    case 'x':
      return { kind: 'failure', reason: payload.toString('utf8') };
    default:
      throw new EngineError(`The supervisor sent a frame of an unknown type ${JSON.stringify(type)}`);
  }
}

function decodeResult(text: string): SupervisorResult {
  const [status = NaN, wallUs = NaN, cpuUs = NaN, residentKib = NaN] = text.split(' ').map(Number);
  if ([status, wallUs, cpuUs, residentKib].some(Number.isNaN)) {
    throw new EngineError(`The supervisor sent a result that is none: ${text}`);
  }
  // wait(2): the low 7 bits are the signal, the second byte is the exit code.
  const signal = status & 0x7f;
  return {
    exitCode: signal === 0 ? status >> 8 : null,
    signal: signal === 0 ? null : signal,
    wallMs: wallUs / 1000,
    cpuMs: cpuUs / 1000,
    residentBytes: residentKib * 1024,
  };
}
