import type { IncomingMessage } from 'node:http';
import { v7 as uuidv7 } from 'uuid';

const REQUEST_ID_HEADER = 'x-request-id';
const SAFE_REQUEST_ID = /^[\w.-]{1,128}$/;

/** @returns the X-Request-Id of the client if it has a safe format, otherwise a new UUID */
export function requestIdFrom(request: Pick<IncomingMessage, 'headers'>): string {
  const requestId = request.headers[REQUEST_ID_HEADER];
  return typeof requestId === 'string' && SAFE_REQUEST_ID.test(requestId) ? requestId : uuidv7();
}
