import { constants } from 'node:os';

const NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

export const signalName = (signal: number): string => NAMES.get(signal) ?? `SIG${signal.toString()}`;
