import { z } from 'zod';
import { createProblem, problemSchema, problemType } from '../http/problem.ts';
import type { Routes, ServedApp } from './http-app.ts';

const tags = ['health'];
const part = z.object({ name: z.string(), state: z.string(), reason: z.string().optional() });
const parts = z.array(part).readonly().describe('Of what the application consists, and how it is');
const status = z.literal('ok');

/** For probes: whether the process is to be ended, and whether it is to be sent requests. */
export function healthRoutes(app: Pick<ServedApp, 'health'>): Routes {
  return async (server) => {
    server.get(
      '/livez',
      {
        schema: {
          tags,
          summary: 'Whether the process runs',
          response: { 200: z.object({ status }).describe('It does') },
        },
      },
      async () => ({ status: 'ok' }) as const,
    );
    server.get(
      '/readyz',
      {
        schema: {
          tags,
          summary: 'Whether requests can be served',
          response: {
            200: z.object({ status, parts }).describe('They can'),
            503: {
              description: 'They cannot; `parts` says why',
              content: { [problemType]: { schema: problemSchema.extend({ parts }) } },
            },
          },
        },
      },
      async (_, reply) => {
        const { ready, parts } = await app.health();
        if (ready) return { status: 'ok' as const, parts };
        const amiss = parts.filter(({ state }) => state !== 'ready');
        const detail = `Not ready: ${amiss.map(({ name, state }) => `${name} (${state})`).join(', ')}.`;
        const problem = createProblem({ status: 503, code: 'NOT_READY', detail });
        return reply
          .code(503)
          .header('retry-after', '1')
          .type(problemType)
          .send({ ...problem, parts });
      },
    );
  };
}
