import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Milliseconds for clients to read responses during shutdown. The executions have finished by then. */
const RESPONSE_GRACE_MS = 2000;

/** Destroys connections that are still open RESPONSE_GRACE_MS after the shutdown of the server has started. */
export function limitShutdownTime(fastify: FastifyInstance): void {
  // closeAllConnections() of Node does not close sockets of CONNECT requests.
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
