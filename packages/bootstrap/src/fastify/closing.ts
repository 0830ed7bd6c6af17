import type { FastifyInstance } from 'fastify';
import { ProblemError } from '../http/problem.ts';

/** Once the server closes, requests that come on connections that are still open are sent elsewhere. */
export function refuseWhileClosing(server: FastifyInstance): void {
  let closing = false;
  server.addHook('preClose', async () => {
    closing = true;
  });
  server.addHook('onRequest', async () => {
    if (closing)
      throw new ProblemError({
        status: 503,
        code: 'STOPPING',
        detail: 'This process stops. Try again soon.',
      });
  });
  // A client that keeps its connection would hold up the stop, and then lose a request on it.
  server.addHook('onSend', async (_, reply) => {
    if (closing) reply.header('connection', 'close');
  });
}
