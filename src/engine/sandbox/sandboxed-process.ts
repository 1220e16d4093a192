/** One supervised process: makes it, has it load and begin, stops it, awaits its end. Knows the supervisor's protocol. */
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { deferred } from '../../common/async/deferred';
import type { CgroupJoinPaths } from './resource-controller';
import { EngineError } from './engine.error';
import { FrameReader, type MessageType, type SupervisorResult, encodeMessage } from './frames';
import type { Launch } from './launch';
import { killMarkedProcesses } from './marked-processes';
import { startError, readJson, spawnSandbox } from './spawn-sandbox';

/** ms that a supervisor gets to end its tree before it is killed, and all with it. */
const STOP_GRACE_MS = 3000;
/** Of what bubblewrap says when it cannot start. */
const DIAGNOSTICS_MAX = 4096;

type OnData = (stream: 'stdout' | 'stderr', data: Buffer) => void;

export class SandboxedProcess {
  /** Where output goes. */
  onData: OnData = () => undefined;
  private readonly child: ChildProcess;
  private readonly reader = new FrameReader();
  private readonly processReady = deferred();
  private readonly interpreterLoaded = deferred();
  private readonly outcome = deferred<SupervisorResult>();
  private readonly exit = deferred();
  private result: SupervisorResult | undefined;
  private startFailure: string | undefined;
  private protocolError: Error | undefined;
  private diagnostics = '';
  private hasProgramStarted = false;
  private stopped = false;
  private closed = false;
  private startedAt: number | undefined;
  private killTimer: NodeJS.Timeout | undefined;

  /**
   * Makes the sandbox, in which nothing runs yet.
   * @param inputFd the program's standard input
   * @param entries what its processes enter
   */
  constructor(
    private readonly launch: Launch,
    inputFd: number,
    entries: CgroupJoinPaths,
  ) {
    this.child = spawnSandbox(launch, inputFd, [...entries.sandbox, ...entries.program]);
    // Whoever needs it awaits it; until then an early failure must not count as unhandled.
    this.outcome.promise.catch(() => undefined);
    this.watchExit();
    this.send(
      'a',
      [entries.sandbox, entries.program].map(({ length }) => length.toString()),
    );
  }

  /** Whether its program has begun to run. */
  get hasStarted(): boolean {
    return this.hasProgramStarted;
  }

  /**
   * The supervisor's pid, as this side of the sandbox sees it; undefined when it was stopped before it told.
   * @throws EngineError when the sandbox failed
   */
  async pid(): Promise<number | undefined> {
    if (!this.launch.reportsPid || this.child.pid === undefined) return this.child.pid ?? this.awaitFailure();
    const announced = readJson(this.child.stdio[4] as Readable);
    // When bubblewrap fails it says why and ends; that failure is the one to tell.
    const info = await Promise.race([announced, this.outcome.promise.then(() => undefined)]);
    const pid = (info as { 'child-pid'?: unknown } | undefined)?.['child-pid'];
    return typeof pid === 'number' ? pid : this.awaitFailure();
  }

  /** Settles when it has a process for the program, or has ended. */
  async whenReady(): Promise<void> {
    await Promise.race([this.processReady.promise, this.outcome.promise]);
  }

  /** Starts what waits for its code, and settles when that is loaded. @throws EngineError */
  async preload(fields: readonly string[]): Promise<void> {
    this.send('p', fields);
    const ended = this.outcome.promise.then(() => {
      throw new EngineError('The interpreter ended instead of waiting');
    });
    await Promise.race([this.interpreterLoaded.promise, ended]);
  }

  /**
   * Lets the program begin, and gives how it ended: its tree is gone then, and the sandbox goes.
   * @throws EngineError when the sandbox failed; it is gone then
   */
  start(fields: readonly string[]): Promise<SupervisorResult> {
    this.startedAt = performance.now();
    this.send('g', fields);
    return this.outcome.promise;
  }

  /** Settles when the sandbox is gone, however it ended. */
  exited(): Promise<void> {
    return this.exit.promise;
  }

  /** Ends the whole tree; `begin` then gives the result. Safe to call at any time, and again. */
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

  private send(type: MessageType, fields?: readonly string[]): void {
    if (this.child.pid !== undefined && !this.stopped) this.control.write(encodeMessage(type, fields));
  }

  /** Without a pid it failed, which the end tells, or it was stopped. */
  private async awaitFailure(): Promise<undefined> {
    await this.outcome.promise;
  }

  private watchExit(): void {
    this.child.on('error', (error) => {
      this.outcome.reject(startError(error));
      this.exit.resolve();
    });
    // When descriptors are short there is no process, and none of its streams either.
    if (this.child.pid === undefined) return;
    this.readStreams();
    this.child.on('close', (code, signal) => {
      this.closed = true;
      clearTimeout(this.killTimer);
      const reason = `The sandbox failed (${signal ?? String(code)}): ${this.diagnostics.trim()}`;
      const settle = (): void => {
        const result = this.result ?? (this.stopped ? this.killedResult() : undefined);
        if (result && !this.protocolError) this.outcome.resolve(result);
        else this.outcome.reject(this.protocolError ?? new EngineError(this.startFailure ?? reason));
        this.exit.resolve();
      };
      void this.killLeftoverProcesses().then(settle, settle);
    });
  }

  private readStreams(): void {
    // It may end before it reads what it is told.
    this.control.on('error', () => undefined);
    this.child.stdout?.on('data', (bytes: Buffer) => {
      if (this.protocolError) return;
      try {
        this.handleFrames(bytes);
      } catch (error) {
        // Told when the process is gone.
        this.protocolError = error instanceof Error ? error : new EngineError(String(error));
        this.child.kill('SIGKILL');
      }
    });
    this.child.stderr?.on('data', (bytes: Buffer) => {
      this.diagnostics = (this.diagnostics + bytes.toString('utf8')).slice(0, DIAGNOSTICS_MAX);
    });
  }

  /** A supervisor that could tell the result has ended its tree; one that was killed has not. */
  private async killLeftoverProcesses(): Promise<void> {
    if (this.launch.mark !== undefined && !this.result) await killMarkedProcesses(this.launch.mark);
  }

  private handleFrames(bytes: Buffer): void {
    for (const frame of this.reader.read(bytes)) {
      switch (frame.kind) {
        case 'ready':
          this.processReady.resolve();
          break;
        case 'loaded':
          this.interpreterLoaded.resolve();
          break;
        case 'begun':
          this.hasProgramStarted = true;
          break;
        case 'output':
          this.onData(frame.stream, frame.data);
          break;
        case 'result':
          this.result = frame.result;
          this.outcome.resolve(frame.result);
          break;
        case 'failure':
          this.startFailure = `The program could not be started: ${frame.reason}`;
          break;
      }
    }
  }
}
