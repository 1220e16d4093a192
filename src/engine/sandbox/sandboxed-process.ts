/** One supervised process: starts it, feeds it, stops it, and awaits its end. Knows the supervisor's protocol. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { EngineFault } from './engine-fault';
import { FrameReader, type SupervisorResult } from './frames';
import type { Launch } from './launch';

/** ms that a supervisor gets to end its tree before it is killed, and all with it. */
const STOP_GRACE_MS = 3000;
/** Of what bubblewrap says when it cannot start. */
const DIAGNOSTICS_MAX = 4096;

export type OnData = (stream: 'stdout' | 'stderr', data: Buffer) => void;

export class SandboxedProcess {
  private readonly child: ChildProcess;
  private readonly reader = new FrameReader();
  private readonly ended: Promise<SupervisorResult>;
  private result: SupervisorResult | undefined;
  private failure: string | undefined;
  private diagnostics = '';
  private stopped = false;
  private closed = false;
  private startedAt: number | undefined;
  private killTimer: NodeJS.Timeout | undefined;

  /** Makes the sandbox; the program waits for `start`. @param inputFd its standard input */
  constructor(
    private readonly launch: Launch,
    inputFd: number,
    private readonly onData: OnData,
  ) {
    this.child = spawn(launch.file, launch.args, {
      ...launch.options,
      stdio: ['pipe', 'pipe', 'pipe', inputFd, launch.announcesPid ? 'pipe' : 'ignore'],
    });
    this.ended = this.awaitEnd();
    // Whoever calls `start` awaits it; until then an early failure must not count as unhandled.
    this.ended.catch(() => undefined);
  }

  /** The supervisor's pid, as this side of the sandbox sees it. @throws EngineFault when there is none */
  async pid(): Promise<number> {
    if (!this.launch.announcesPid) return this.child.pid ?? this.neverStarted();
    const announced = readJson(this.child.stdio[4] as Readable);
    // When bubblewrap fails it says why and ends; that failure is the one to tell.
    const info = await Promise.race([announced, this.ended.then(() => undefined)]);
    const pid = (info as { 'child-pid'?: unknown } | undefined)?.['child-pid'];
    return typeof pid === 'number' ? pid : this.neverStarted();
  }

  /** Lets the program start, and gives how it ended. @throws EngineFault when the sandbox failed */
  run(): Promise<SupervisorResult> {
    this.startedAt = performance.now();
    this.control.write('g');
    return this.ended;
  }

  /** Ends the whole tree; `run` then gives the result. Safe to call at any time, and again. */
  stop(): void {
    if (this.closed) return;
    this.stopped = true;
    this.control.end();
    this.killTimer ??= setTimeout(() => this.child.kill('SIGKILL'), STOP_GRACE_MS);
  }

  /** For a run that was killed before it began, or so hard that the supervisor could not tell any more. */
  killedResult(): SupervisorResult {
    const wallMs = this.startedAt === undefined ? 0 : performance.now() - this.startedAt;
    return { exitCode: null, signal: constants.signals.SIGKILL, wallMs, cpuMs: 0, residentBytes: 0 };
  }

  private get control(): Writable {
    return this.child.stdin as Writable;
  }

  private async neverStarted(): Promise<never> {
    await this.ended;
    throw new EngineFault('The sandbox ended before it began');
  }

  private awaitEnd(): Promise<SupervisorResult> {
    // It may end before it reads what it is told.
    this.control.on('error', () => undefined);
    const frames = this.child.stdout as Readable;
    const errors = this.child.stderr as Readable;
    return new Promise((resolve, reject) => {
      frames.on('data', (bytes: Buffer) => {
        try {
          this.take(bytes);
        } catch (error) {
          this.child.kill('SIGKILL');
          reject(error instanceof Error ? error : new EngineFault(String(error)));
        }
      });
      errors.on('data', (bytes: Buffer) => {
        this.diagnostics = (this.diagnostics + bytes.toString('utf8')).slice(0, DIAGNOSTICS_MAX);
      });
      this.child.on('error', (error) => {
        reject(new EngineFault(`The sandbox could not be started: ${error.message}`, { cause: error }));
      });
      this.child.on('close', (code, signal) => {
        this.closed = true;
        clearTimeout(this.killTimer);
        const result = this.result ?? (this.stopped ? this.killedResult() : undefined);
        const reason = `The sandbox failed (${signal ?? String(code)}): ${this.diagnostics.trim()}`;
        if (result) resolve(result);
        else reject(new EngineFault(this.failure ?? reason));
      });
    });
  }

  private take(bytes: Buffer): void {
    for (const frame of this.reader.read(bytes)) {
      switch (frame.kind) {
        case 'output':
          this.onData(frame.stream, frame.data);
          break;
        case 'result':
          this.result = frame.result;
          break;
        case 'failure':
          this.failure = `The program could not be started: ${frame.reason}`;
          break;
      }
    }
  }
}

/** bubblewrap writes one JSON object and leaves the descriptor open. */
function readJson(stream: Readable): Promise<unknown> {
  return new Promise((resolve) => {
    let text = '';
    stream.on('data', (bytes: Buffer) => {
      text += bytes.toString('utf8');
      if (text.trimEnd().endsWith('}')) resolve(JSON.parse(text));
    });
    stream.on('close', () => {
      resolve(undefined);
    });
  });
}
