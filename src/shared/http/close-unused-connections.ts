import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Ends, when the server closes, the connections on which nothing was ever asked. Node itself ends only those that are
 * idle after a request; clients and load balancers that connect ahead of time would hold up the shutdown for more
 * than a minute. Requests under way are answered first.
 */
export function closeUnusedConnections(fastify: FastifyInstance): void {
  const underWay = new Map<Socket, number>();
  const server = fastify.server;
  server.on('connection', (socket: Socket) => {
    underWay.set(socket, 0);
    socket.once('close', () => underWay.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    underWay.set(socket, (underWay.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const left = underWay.get(socket);
      if (left !== undefined) underWay.set(socket, left - 1);
    });
  });
  fastify.addHook('preClose', (done) => {
    for (const [socket, requests] of underWay) if (requests === 0) socket.destroy();
    done();
  });
}
