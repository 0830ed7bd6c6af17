import type { Routes } from '@pipit/bootstrap/fastify';
import { requireToken } from './bearer-token.ts';

/** Everything below `/admin`, for who has the token. */
export function adminRoutes(token: string, modules: readonly Routes[]): Routes {
  return async (server) => {
    server.addHook('onRequest', requireToken(token));
    for (const routes of modules) await server.register(routes, { prefix: '/admin' });
  };
}
