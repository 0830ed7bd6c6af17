import type { RunningProjection } from '@pipit/projection';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { UnavailableError } from './error-problem.ts';
import { problems } from './problem.ts';

const tags = ['health'];
const ok = z.object({ status: z.literal('ok') });

/** An application says this of itself. */
export interface Health {
  readonly connected: boolean;
  readonly projections: { readonly late: readonly Pick<RunningProjection, 'name' | 'status'>[] };
}

/** @throws UnavailableError while views are not complete: they catch up for the first time, or one has failed */
export function requireViews({ projections }: Health): void {
  const late = projections.late.map(({ name, status }) => `${name} (${status})`);
  if (late.length > 0) throw new UnavailableError(`Views are not complete: ${late.join(', ')}.`);
}

/** @throws UnavailableError */
export function requireNats({ connected }: Health): void {
  if (!connected) throw new UnavailableError('NATS cannot be reached at the moment. Try again soon.');
}

export function healthRoutes(app: Health): FastifyPluginAsyncZod {
  return async (server) => {
    server.get(
      '/livez',
      { schema: { tags, summary: 'Whether the process runs', response: { 200: ok.describe('It does') } } },
      async () => ({ status: 'ok' }) as const,
    );
    server.get(
      '/readyz',
      {
        schema: {
          tags,
          summary: 'Whether requests can be served: NATS is connected, all views are complete',
          response: { 200: ok.describe('They can'), ...problems(503) },
        },
      },
      async () => {
        requireNats(app);
        requireViews(app);
        return { status: 'ok' } as const;
      },
    );
  };
}
