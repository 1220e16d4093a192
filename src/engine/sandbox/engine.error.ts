/** The engine itself failed: never the program's doing. */
export class EngineError extends Error {}

/** A sandbox that was lost before its program had begun: the program can run in another one. */
export class SandboxLostError extends EngineError {}
