/** The engine itself failed: never the program's doing. */
export class EngineFault extends Error {}
