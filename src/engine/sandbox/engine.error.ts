/** The engine itself failed. A failure of the program is never an EngineError. */
export class EngineError extends Error {}

/** The sandbox failed before its program started, so the program can be run in another one. */
export class SandboxLostError extends EngineError {}
