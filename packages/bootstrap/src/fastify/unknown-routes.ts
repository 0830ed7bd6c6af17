import type { FastifyInstance } from 'fastify';
import findMyWay, { type HTTPMethod } from 'find-my-way';
import { ProblemError } from '../http/problem.ts';

/**
 * Says of a path that is not there that it is not, and of one that is which methods it has; whether or not the body fits
 * is of no interest then. For routes that are added from now on.
 */
export function refuseUnknownRoutes(server: FastifyInstance, maxParamLength: number): void {
  const methods = new Set<HTTPMethod>();
  const router = findMyWay({ maxParamLength });

  server.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat() as HTTPMethod[]) {
      methods.add(one);
      if (!router.hasRoute(one, url)) router.on(one, url, () => {});
    }
  });

  function refuse(method: string, url: string): ProblemError {
    const [path = ''] = url.split('?');
    const allowed = [...methods].filter((one) => router.find(one, path) !== null);
    if (allowed.length === 0) {
      return new ProblemError({
        status: 404,
        code: 'ROUTE_NOT_FOUND',
        detail: `There is no ${method} of this path.`,
      });
    }
    const allow = [...allowed, 'OPTIONS'].sort().join(', ');
    const detail = `There is no ${method} of this path; there is ${allow}.`;
    return new ProblemError({ status: 405, code: 'METHOD_NOT_ALLOWED', detail }, { headers: { allow } });
  }

  server.addHook('onRequest', async ({ is404, method, url }, reply) => {
    if (!is404) return;
    const refusal = refuse(method, url);
    if (method === 'OPTIONS' && refusal.status === 405)
      return reply.code(204).headers(refusal.headers).send();
    throw refusal;
  });
  server.setNotFoundHandler(async ({ method, url }) => {
    throw refuse(method, url);
  });
}
