/** One supervised process: starts it, feeds it, stops it, and awaits its end. Knows the supervisor's protocol. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { EngineFault } from './engine-fault';
import { FrameReader, type SupervisorResult } from './frames';
import type { Launch } from './launch';
import { endMarked } from './marked-processes';

/** ms that a supervisor gets to end its tree before it is killed, and all with it. */
const STOP_GRACE_MS = 3000;
/** Of what bubblewrap says when it cannot start. */
const DIAGNOSTICS_MAX = 4096;

type OnData = (stream: 'stdout' | 'stderr', data: Buffer) => void;

export class SandboxedProcess {
  private readonly child: ChildProcess;
  private readonly reader = new FrameReader();
  private readonly ended: Promise<SupervisorResult>;
  private result: SupervisorResult | undefined;
  private failure: string | undefined;
  private fault: Error | undefined;
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
    this.child = start(launch, inputFd);
    this.ended = this.awaitEnd();
    // Whoever calls `start` awaits it; until then an early failure must not count as unhandled.
    this.ended.catch(() => undefined);
  }

  get isStopped(): boolean {
    return this.stopped;
  }

  /**
   * The supervisor's pid, as this side of the sandbox sees it; undefined when it was stopped before it told.
   * @throws EngineFault when the sandbox failed
   */
  async pid(): Promise<number | undefined> {
    if (!this.launch.announcesPid || this.child.pid === undefined) return this.child.pid ?? this.noPid();
    const announced = readJson(this.child.stdio[4] as Readable);
    // When bubblewrap fails it says why and ends; that failure is the one to tell.
    const info = await Promise.race([announced, this.ended.then(() => undefined)]);
    const pid = (info as { 'child-pid'?: unknown } | undefined)?.['child-pid'];
    return typeof pid === 'number' ? pid : this.noPid();
  }

  /** Lets the program start, and gives how it ended. @throws EngineFault when the sandbox failed */
  run(): Promise<SupervisorResult> {
    if (this.child.pid !== undefined && !this.stopped) {
      this.startedAt = performance.now();
      this.control.write('g');
    }
    return this.ended;
  }

  /** Settles when the process is gone, however it ended. */
  async gone(): Promise<void> {
    await this.ended.catch(() => undefined);
  }

  /** Ends the whole tree; `run` then gives the result. Safe to call at any time, and again. */
  stop(): void {
    if (this.closed || this.child.pid === undefined) return;
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

  /** Without a pid it failed, which the end tells, or it was stopped. */
  private async noPid(): Promise<undefined> {
    await this.ended;
  }

  private awaitEnd(): Promise<SupervisorResult> {
    return new Promise((resolve, reject) => {
      this.child.on('error', (error) => {
        reject(couldNotStart(error));
      });
      // When descriptors are short there is no process, and none of its streams either.
      if (this.child.pid === undefined) return;
      this.listen();
      this.child.on('close', (code, signal) => {
        this.closed = true;
        clearTimeout(this.killTimer);
        const reason = `The sandbox failed (${signal ?? String(code)}): ${this.diagnostics.trim()}`;
        const settle = (): void => {
          const result = this.result ?? (this.stopped ? this.killedResult() : undefined);
          if (result && !this.fault) resolve(result);
          else reject(this.fault ?? new EngineFault(this.failure ?? reason));
        };
        void this.endRest().then(settle, settle);
      });
    });
  }

  private listen(): void {
    // It may end before it reads what it is told.
    this.control.on('error', () => undefined);
    this.child.stdout?.on('data', (bytes: Buffer) => {
      if (this.fault) return;
      try {
        this.take(bytes);
      } catch (error) {
        // Told when the process is gone.
        this.fault = error instanceof Error ? error : new EngineFault(String(error));
        this.child.kill('SIGKILL');
      }
    });
    this.child.stderr?.on('data', (bytes: Buffer) => {
      this.diagnostics = (this.diagnostics + bytes.toString('utf8')).slice(0, DIAGNOSTICS_MAX);
    });
  }

  /** A supervisor that could tell the result has ended its tree; one that was killed has not. */
  private async endRest(): Promise<void> {
    if (this.launch.mark !== undefined && !this.result) await endMarked(this.launch.mark);
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

/** Most failures of `spawn` are events; some it throws, as when memory is short. @throws EngineFault */
function start(launch: Launch, inputFd: number): ChildProcess {
  try {
    return spawn(launch.file, launch.args, {
      ...launch.options,
      stdio: ['pipe', 'pipe', 'pipe', inputFd, launch.announcesPid ? 'pipe' : 'ignore'],
    });
  } catch (error) {
    throw couldNotStart(error as Error);
  }
}

const couldNotStart = (error: Error): EngineFault =>
  new EngineFault(`The sandbox could not be started: ${error.message}`, { cause: error });

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
