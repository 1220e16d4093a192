/** Encodes and decodes the protocol of supervisor.pl: a type of one letter, a length of 4 bytes in network order, a payload. */
import { EngineError } from './engine.error';

/** Types of messages from the engine to the supervisor. */
export const MESSAGE_TYPE = {
  /** Join the cgroups; nothing is started before. */
  joinGroups: 'a',
  /** Start an interpreter, which stops in its preload hook. */
  preload: 'p',
  /** Start the program, or let the preloaded interpreter run it. */
  run: 'g',
} as const;
export type MessageType = (typeof MESSAGE_TYPE)[keyof typeof MESSAGE_TYPE];

/** Types of frames from the supervisor to the engine. */
const FRAME_TYPE = {
  ready: 's',
  preloaded: 'w',
  started: 'b',
  stdout: 'o',
  stderr: 'e',
  result: 'r',
  failure: 'x',
} as const;

type Frame =
  /** The sandbox has been created and has a process for the program. */
  | { readonly kind: 'ready' }
  /** The interpreter has reached its preload hook. */
  | { readonly kind: 'preloaded' }
  /** The program has started. */
  | { readonly kind: 'started' }
  | { readonly kind: 'output'; readonly stream: 'stdout' | 'stderr'; readonly data: Buffer }
  | { readonly kind: 'result'; readonly result: SupervisorResult }
  | { readonly kind: 'failure'; readonly reason: string };

export interface SupervisorResult {
  readonly exitCode: number | null;
  /** Number of the signal that ended the program. */
  readonly signal: number | null;
  readonly wallMs: number;
  /** Milliseconds, of all processes that have ended. */
  readonly cpuMs: number;
  /** Bytes: the largest resident size of any single process. */
  readonly residentBytes: number;
}

/** @param fields must not contain a zero byte, which terminates each field */
export function encodeMessage(type: MessageType, fields: readonly string[] = []): Buffer {
  const payload = Buffer.from(fields.map((field) => `${field}\0`).join(''));
  const header = Buffer.from(`${type}    `, 'latin1');
  header.writeUInt32BE(payload.length, 1);
  return Buffer.concat([header, payload]);
}

const HEADER_BYTES = 5;
/** The supervisor reads output in blocks of 64 KiB. */
const PAYLOAD_BYTES_MAX = 65_536;

export class FrameReader {
  private pending: Buffer = Buffer.alloc(0);

  /**
   * @returns the frames that are complete
   * @throws EngineError when the bytes are not valid frames
   */
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
    case FRAME_TYPE.ready:
      return { kind: 'ready' };
    case FRAME_TYPE.preloaded:
      return { kind: 'preloaded' };
    case FRAME_TYPE.started:
      return { kind: 'started' };
    case FRAME_TYPE.stdout:
      return { kind: 'output', stream: 'stdout', data: payload };
    case FRAME_TYPE.stderr:
      return { kind: 'output', stream: 'stderr', data: payload };
    case FRAME_TYPE.result:
      return { kind: 'result', result: decodeResult(payload.toString('latin1')) };
    case FRAME_TYPE.failure:
      return { kind: 'failure', reason: payload.toString('utf8') };
    default:
      throw new EngineError(`The supervisor sent a frame of an unknown type ${JSON.stringify(type)}`);
  }
}

function decodeResult(text: string): SupervisorResult {
  const [status = NaN, wallUs = NaN, cpuUs = NaN, residentKib = NaN] = text.split(' ').map(Number);
  if ([status, wallUs, cpuUs, residentKib].some(Number.isNaN)) {
    throw new EngineError(`The supervisor sent an invalid result: ${text}`);
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
