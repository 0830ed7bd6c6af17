import { errorCodes, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { longestDelay } from '../lifecycle/longest-delay.ts';

/**
 * Answers, with the error that Fastify has for it, what is not answered within `timeout` milliseconds of its arrival, and
 * gives each request a `signal` that aborts then, or when nobody waits for the answer any longer. Fastify's own timeout and
 * signal take a request of which the body has been read for one that was given up, for that is when Node.js closes it.
 */
export function limitHandling(server: FastifyInstance, timeout: number): void {
  /** Of the requests whose time does not run yet. */
  const waiting = new WeakMap<FastifyRequest, AbortController>();

  function begin(request: FastifyRequest, reply: FastifyReply): void {
    const controller = waiting.get(request);
    if (controller === undefined) return;
    waiting.delete(request);
    const late = () => {
      if (reply.sent) return;
      const error = new errorCodes.FST_ERR_HANDLER_TIMEOUT(String(timeout), request.routeOptions.url);
      controller.abort(error);
      if (reply.raw.headersSent) reply.raw.destroy(error);
      else if (!reply.sent) reply.send(error);
    };
    const timer = setTimeout(late, Math.min(timeout, longestDelay));
    reply.raw.once('close', () => clearTimeout(timer));
  }

  server.addHook('onRequest', async (request, reply) => {
    const controller = new AbortController();
    waiting.set(request, controller);
    Object.defineProperty(request, 'signal', { value: controller.signal });
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) controller.abort();
    });
    // How long a body may take to arrive is for the server to say.
    if (!hasBody(request)) begin(request, reply);
  });
  server.addHook('preValidation', async (request, reply) => begin(request, reply));
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
