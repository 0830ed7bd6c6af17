import type { App } from '@pipit/bootstrap';
import { problems, type Routes, requireNats } from '@pipit/bootstrap/fastify';
import { z } from 'zod';
import { idOf, wholeNumber } from '../http/fields.ts';
import { NotFoundError } from '../refusals.ts';
import { detailsOf, sagaDetails, sagaState, sagaSummary, summaryOf } from './saga-shape.ts';

const tags = ['sagas'];

/** How far what takes longer than a request has come. */
export function sagaRoutes(app: App, { name }: { readonly name: string }): Routes {
  return async (server) => {
    server.get(
      '/sagas',
      {
        schema: {
          tags,
          summary: 'List sagas, the newest first',
          querystring: z.strictObject({
            state: sagaState.optional().describe('Only those in this state'),
            limit: wholeNumber(1, 1_000)
              .optional()
              .describe('Sagas at most, from 1 to 1,000; 100 where none is named'),
          }),
          response: { 200: z.array(sagaSummary).describe('The sagas'), ...problems(400, 503) },
        },
      },
      async ({ query: { state, limit = 100 } }) => {
        requireNats(app);
        const found = await Array.fromAsync(app.sagas.list({ name, ...(state && { state }) }));
        // Ids begin with the time.
        return found
          .toSorted((one, other) => (one.id < other.id ? 1 : -1))
          .slice(0, limit)
          .map(summaryOf);
      },
    );

    server.get(
      '/sagas/:id',
      {
        schema: {
          tags,
          summary: 'Show how far a saga is, and what has happened to it',
          params: idOf('saga'),
          response: { 200: sagaDetails.describe('The saga'), ...problems(404, 503) },
        },
      },
      async ({ params: { id } }) => {
        requireNats(app);
        const saga = await app.sagas.get({ name, id });
        if (saga === undefined) throw new NotFoundError('saga');
        return detailsOf(saga);
      },
    );
  };
}
