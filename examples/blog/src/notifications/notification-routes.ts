import { problems, type Routes } from '@pipit/bootstrap/fastify';
import { z } from 'zod';
import { adminOnly } from '../admin/bearer-token.ts';
import type { Outbox } from './outbox.ts';

const failing = z.boolean().describe('Whether every notification fails');
const notification = z.object({
  id: z.string().describe('Id of what it tells of'),
  to: z.string().describe('Id of the user'),
  postId: z.string(),
  commentId: z.string().optional(),
  text: z.string(),
});

/** What this process has sent, and a switch that makes it fail, so that dead letters can be seen. */
export function notificationRoutes(outbox: Outbox): Routes {
  return async (server) => {
    server.get(
      '/notifications',
      {
        schema: {
          ...adminOnly,
          summary: 'List the notifications sent by this process, oldest first',
          response: {
            200: z.object({ failing, sent: z.array(notification) }).describe('They are kept in memory'),
            ...problems(401, 503),
          },
        },
      },
      async () => ({ failing: outbox.failing, sent: [...outbox.sent] }),
    );

    server.post(
      '/notifications',
      {
        schema: {
          ...adminOnly,
          summary: 'Make notifications fail, or work again',
          description: 'In this process. What fails five times is a dead letter.',
          body: z.strictObject({ failing }),
          response: { 200: z.object({ failing }).describe('So it is'), ...problems(400, 401, 413, 415, 503) },
        },
      },
      async (request) => {
        outbox.setFailing(request.body.failing);
        return { failing: outbox.failing };
      },
    );
  };
}
