import type { App } from '@pipit/bootstrap';
import { isOperationId } from '@pipit/bus';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { idOf } from '../http/fields.ts';
import { requireNats } from '../http/health-routes.ts';
import { problems } from '../http/problem.ts';
import { NotFoundError } from '../refusals.ts';
import { chain, chainOf } from './operation-shape.ts';

/** Records read for one answer. */
const limit = 1_000;

/** What a request led to, by the `Operation-Id` of its answer. */
export function operationRoutes(app: App): FastifyPluginAsyncZod {
  return async (server) => {
    server.get(
      '/operations/:id',
      {
        schema: {
          tags: ['operations'],
          summary: 'Show what a request led to',
          description:
            'The operation, the events appended in it, and what each group made of each. Groups handle events after the answer, so what is shown may grow.',
          params: idOf('operation: the `Operation-Id` of an answer'),
          response: { 200: chain.describe('The chain'), ...problems(404, 503) },
        },
      },
      async (request) => {
        const { id } = request.params;
        if (!isOperationId(id)) throw new NotFoundError('operation');
        requireNats(app);
        const found = await app.operations.get(id, { limit });
        if (found?.operation === undefined) throw new NotFoundError('operation');
        return chainOf(found.operation, found);
      },
    );
  };
}
