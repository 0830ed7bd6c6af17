import type { App } from '@pipit/bootstrap';
import { problems, type Routes, requireNats } from '@pipit/bootstrap/fastify';
import { isOperationId } from '@pipit/bus';
import { idOf } from '../http/fields.ts';
import { NotFoundError } from '../refusals.ts';
import { chain, chainOf } from './operation-shape.ts';

/** Records read for one answer. */
const limit = 1_000;

/** What a request led to, by the `Operation-Id` of its answer. */
export function operationRoutes(app: App): Routes {
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
