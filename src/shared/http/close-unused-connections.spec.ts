import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { createFastifyAdapter } from './fastify-adapter';

it('closes although somebody has connected and asked nothing', async () => {
  const fastify = createFastifyAdapter().getInstance();
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((fastify.server.address() as AddressInfo).port, '127.0.0.1');
  const accepted = once(fastify.server, 'connection');
  await accepted;
  const ended = once(socket.resume(), 'close');
  await fastify.close();
  await ended;
});
