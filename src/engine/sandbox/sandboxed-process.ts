import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { deferred } from '../../common/async/deferred';
import { EngineError } from './engine.error';
import { FrameReader, MESSAGE_TYPE, type MessageType, type SupervisorResult, encodeMessage } from './frames';
import type { Launch } from './launch';
import { killMarkedProcesses } from './marked-processes';
import type { CgroupJoinPaths } from './resource-controller';
import { readJson, spawnSandbox, startError } from './spawn-sandbox';

/** Milliseconds for a supervisor to kill its process tree; after that, the supervisor is killed and the kernel ends the rest. */
const STOP_GRACE_MS = 3000;
/** Characters kept of the error messages of bubblewrap and the supervisor. */
const DIAGNOSTICS_MAX = 4096;

type OnData = (stream: 'stdout' | 'stderr', data: Buffer) => void;

/** Controls the supervisor of one sandbox through the protocol of supervisor.pl. */
export class SandboxedProcess {
  /** Receives the program's output. */
  onData: OnData = () => undefined;
  private readonly child: ChildProcess;
  private readonly reader = new FrameReader();
  private readonly ready = deferred();
  private readonly preloaded = deferred();
  private readonly outcome = deferred<SupervisorResult>();
  private readonly exit = deferred();
  private result: SupervisorResult | undefined;
  private startFailure: string | undefined;
  private protocolError: Error | undefined;
  private diagnostics = '';
  private hasProgramStarted = false;
  private isStopped = false;
  private hasExited = false;
  private startedAt: number | undefined;
  private killTimer: NodeJS.Timeout | undefined;

  /**
   * Creates the sandbox, in which no program runs yet.
   * @param inputFd the program's standard input
   * @param joinPaths the files by which its processes join their cgroups
   * @throws EngineError when the process cannot be spawned
   */
  constructor(
    private readonly launch: Launch,
    inputFd: number,
    joinPaths: CgroupJoinPaths,
  ) {
    this.child = spawnSandbox(launch, inputFd, [...joinPaths.sandbox, ...joinPaths.program]);
    // An early failure must not count as an unhandled rejection; the caller awaits it later.
    this.outcome.promise.catch(() => undefined);
    this.watchExit();
    // How many of the descriptors are for the supervisor, and how many for the program alone.
    this.send(
      MESSAGE_TYPE.joinGroups,
      [joinPaths.sandbox, joinPaths.program].map(({ length }) => length.toString()),
    );
  }

  /** Whether the program has started to run. */
  get hasStarted(): boolean {
    return this.hasProgramStarted;
  }

  /**
   * Returns the pid of the supervisor as the host sees it; undefined when the sandbox was stopped before the pid was known.
   * @throws EngineError when the sandbox failed
   */
  async pid(): Promise<number | undefined> {
    if (!this.launch.reportsPid || this.child.pid === undefined) return this.child.pid ?? this.awaitFailure();
    const reported = readJson(this.child.stdio[4] as Readable);
    // When bubblewrap fails, it exits without a pid, and its failure is the one to report.
    const info = await Promise.race([reported, this.outcome.promise.then(() => undefined)]);
    const pid = (info as { 'child-pid'?: unknown } | undefined)?.['child-pid'];
    return typeof pid === 'number' ? pid : this.awaitFailure();
  }

  /** Settles when there is a process for the program, or the sandbox was stopped. @throws EngineError when the sandbox failed */
  async whenReady(): Promise<void> {
    await Promise.race([this.ready.promise, this.outcome.promise]);
  }

  /** Starts an interpreter, and settles when it has reached its preload hook. @throws EngineError */
  async preload(fields: readonly string[]): Promise<void> {
    this.send(MESSAGE_TYPE.preload, fields);
    const ended = this.outcome.promise.then(() => {
      throw new EngineError('The interpreter ended before it was preloaded');
    });
    await Promise.race([this.preloaded.promise, ended]);
  }

  /**
   * Starts the program and returns its result. All processes of the program have exited then; the sandbox exits soon after.
   * @throws EngineError when the sandbox failed; it has exited then
   */
  start(fields: readonly string[]): Promise<SupervisorResult> {
    this.startedAt = performance.now();
    this.send(MESSAGE_TYPE.run, fields);
    return this.outcome.promise;
  }

  /** Settles when the sandbox has exited, for whatever reason. */
  exited(): Promise<void> {
    return this.exit.promise;
  }

  /** Kills the whole process tree; `start` then returns the result. Can be called at any time and repeatedly. */
  stop(): void {
    if (this.hasExited || this.child.pid === undefined) return;
    this.isStopped = true;
    // The supervisor kills the process tree when its control messages end.
    this.control.end();
    this.killTimer ??= setTimeout(() => this.child.kill('SIGKILL'), STOP_GRACE_MS);
  }

  /** The result of a run that was killed before it started, or whose supervisor was killed before it could report. */
  killedResult(): SupervisorResult {
    const wallMs = this.startedAt === undefined ? 0 : performance.now() - this.startedAt;
    return { exitCode: null, signal: constants.signals.SIGKILL, wallMs, cpuMs: 0, residentBytes: 0 };
  }

  private get control(): Writable {
    return this.child.stdin as Writable;
  }

  private send(type: MessageType, fields?: readonly string[]): void {
    if (this.child.pid !== undefined && !this.isStopped) this.control.write(encodeMessage(type, fields));
  }

  /** To be called when there is no pid. Rejects if the sandbox failed; returns if it was stopped. */
  private async awaitFailure(): Promise<undefined> {
    await this.outcome.promise;
  }

  private watchExit(): void {
    this.child.on('error', (error) => {
      this.outcome.reject(startError(error));
      this.exit.resolve();
    });
    // When the engine has no file descriptors left, there is neither a process nor a stream.
    if (this.child.pid === undefined) return;
    this.readStreams();
    this.child.on('close', (code, signal) => {
      this.hasExited = true;
      clearTimeout(this.killTimer);
      const reason = `The sandbox failed (${signal ?? String(code)}): ${this.diagnostics.trim()}`;
      const settle = (): void => {
        const result = this.result ?? (this.isStopped ? this.killedResult() : undefined);
        if (result && !this.protocolError) this.outcome.resolve(result);
        else this.outcome.reject(this.protocolError ?? new EngineError(this.startFailure ?? reason));
        this.exit.resolve();
      };
      void this.killLeftoverProcesses().then(settle, settle);
    });
  }

  private readStreams(): void {
    // The supervisor may exit before it has read all messages.
    this.control.on('error', () => undefined);
    this.child.stdout?.on('data', (bytes: Buffer) => {
      if (this.protocolError) return;
      try {
        this.handleFrames(bytes);
      } catch (error) {
        // Reported when the process has exited.
        this.protocolError = error instanceof Error ? error : new EngineError(String(error));
        this.child.kill('SIGKILL');
      }
    });
    this.child.stderr?.on('data', (bytes: Buffer) => {
      this.diagnostics = (this.diagnostics + bytes.toString('utf8')).slice(0, DIAGNOSTICS_MAX);
    });
  }

  /** A supervisor that reported a result has killed its process tree; one that was killed itself has not. */
  private async killLeftoverProcesses(): Promise<void> {
    if (this.launch.mark !== undefined && !this.result) await killMarkedProcesses(this.launch.mark);
  }

  private handleFrames(bytes: Buffer): void {
    for (const frame of this.reader.read(bytes)) {
      switch (frame.kind) {
        case 'ready':
          this.ready.resolve();
          break;
        case 'preloaded':
          this.preloaded.resolve();
          break;
        case 'started':
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
