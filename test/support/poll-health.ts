import { setTimeout as delay } from 'node:timers/promises';
import type { Api } from './api';

/** Milliseconds between two requests, so that polling itself is no load. */
const INTERVAL_MS = 5;

/** Requests the health endpoint one time after the other until `load` settles, once at least. @returns the status codes */
export async function pollHealthDuring(api: Api, load: Promise<unknown>): Promise<number[]> {
  const state = { isOver: false };
  const end = (): void => {
    state.isOver = true;
  };
  load.then(end, end);
  const statuses: number[] = [];
  do {
    statuses.push((await api.get('/api/health/live')).status);
    await delay(INTERVAL_MS);
  } while (!state.isOver);
  return statuses;
}
