/** A server that is stopping waits for answers to be read, but not for ever. */
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** ms; executions have ended by then, so that what is left is to send answers that are there. */
const RESPONSE_GRACE_MS = 2000;

export function limitShutdownTime(fastify: FastifyInstance): void {
  // Node's closeAllConnections() leaves out what CONNECT took over.
  const sockets = new Set<Socket>();
  fastify.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  fastify.addHook('preClose', (done) => {
    const timer = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, RESPONSE_GRACE_MS).unref();
    fastify.server.once('close', () => {
      clearTimeout(timer);
    });
    done();
  });
}
