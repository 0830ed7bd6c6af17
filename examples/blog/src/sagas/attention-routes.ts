import type { App } from '@pipit/bootstrap';
import { problems, type Routes } from '@pipit/bootstrap/fastify';
import { z } from 'zod';
import { adminOnly } from '../admin/bearer-token.ts';
import { idOf } from '../http/fields.ts';

const decisions = {
  retry: 'Try again what could not be undone',
  skip: 'Go on as if it were undone: somebody has done it by hand',
  abandon: 'Undo nothing more, and leave the rest as it is',
} as const;

/** What a person can decide on a saga that needs attention: a step of it could not be undone. */
export function attentionRoutes({ sagas }: Pick<App, 'sagas'>, { name }: { readonly name: string }): Routes {
  return async (server) => {
    for (const [decision, summary] of Object.entries(decisions) as [keyof typeof decisions, string][]) {
      server.post(
        `/sagas/:id/${decision}`,
        {
          schema: {
            ...adminOnly,
            summary,
            description: 'Of a saga that needs attention; a conflict where it does not.',
            params: idOf('saga'),
            response: {
              202: z.object({ id: z.string() }).describe('It goes on'),
              ...problems(401, 404, 409, 503),
            },
          },
        },
        async (request, reply) => {
          const { id } = request.params;
          await sagas[decision]({ name, id }, 'administrator');
          reply.code(202);
          return { id };
        },
      );
    }
  };
}
