import type { App } from '@pipit/bootstrap';
import { problems, type Routes, requireNats, UnavailableError } from '@pipit/bootstrap/fastify';
import { DeadLetterNotFoundError, DeadLetterParkedError } from '@pipit/bus';
import { z } from 'zod';
import { idOf } from '../http/fields.ts';
import { adminOnly } from './bearer-token.ts';

const letter = z.object({
  id: z.string(),
  group: z.string(),
  type: z.string().optional().describe('Of the event; absent where it cannot be read'),
  attempts: z.int().describe('In all, those before it was redriven included'),
  errors: z
    .array(z.object({ message: z.string(), at: z.iso.datetime() }))
    .describe('Oldest first, the newest 32'),
});

/** What groups could not handle. */
export function deadLetterRoutes(app: App): Routes {
  const { deadLetters } = app.bus;
  return async (server) => {
    server.get(
      '/dead-letters',
      {
        schema: {
          ...adminOnly,
          summary: 'List dead letters, oldest first',
          querystring: z.object({
            group: z.string().min(1).optional(),
            limit: z.coerce.number().int().min(1).max(1_000).default(100),
          }),
          response: { 200: z.array(letter).describe('Dead letters'), ...problems(400, 401, 503) },
        },
      },
      async ({ query: { group, limit } }) => {
        requireNats(app);
        const letters: z.output<typeof letter>[] = [];
        const reading = deadLetters.list(group === undefined ? {} : { group });
        await answered(async () => {
          for await (const { id, group: name, type, attempts, errors } of reading) {
            const failures = errors.map(({ message, at }) => ({ message, at: at.toISOString() }));
            letters.push({ id, group: name, type, attempts, errors: failures });
            if (letters.length === limit) break;
          }
        });
        return letters;
      },
    );

    server.post(
      '/dead-letters/:id/redrive',
      {
        schema: {
          ...adminOnly,
          summary: 'Have the group handle a dead letter again',
          description: 'No other group gets it. It is a dead letter until it has been handled.',
          params: idOf('dead letter'),
          response: {
            202: z.object({ id: z.string() }).describe('It is going to be handled'),
            ...problems(401, 404, 409, 503),
          },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        await answered(() => deadLetters.redrive(id));
        reply.code(202);
        return { id };
      },
    );
  };
}

/** Letters are asked of the server alone, so that what fails is its answer, and may be there in a moment. */
async function answered(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (cause instanceof DeadLetterNotFoundError || cause instanceof DeadLetterParkedError) throw cause;
    throw new UnavailableError('Dead letters cannot be reached at the moment. Try again soon.', { cause });
  }
}
