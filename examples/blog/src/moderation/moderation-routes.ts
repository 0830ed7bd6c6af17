import { problems, type Routes } from '@pipit/bootstrap/fastify';
import { z } from 'zod';
import { adminOnly } from '../admin/bearer-token.ts';
import { type ModerationService, moderationModes } from './moderation-service.ts';

const mode = z
  .enum(moderationModes)
  .describe(
    '`accept` or `refuse` every text; `fail` at every call; `hang`: take questions and never answer them',
  );
const answer = z.object({ mode });

/** A switch, so that what becomes of a post can be seen when its text is refused, or nobody answers. */
export function moderationRoutes(moderation: ModerationService): Routes {
  return async (server) => {
    server.get(
      '/moderation',
      {
        schema: {
          ...adminOnly,
          summary: 'Tell how the moderation of this process answers',
          response: { 200: answer.describe('So it answers'), ...problems(401, 503) },
        },
      },
      async () => ({ mode: moderation.mode }),
    );

    server.post(
      '/moderation',
      {
        schema: {
          ...adminOnly,
          summary: 'Make the moderation accept, refuse, fail or hang',
          description: 'In this process. It begins with `accept`.',
          body: z.strictObject({ mode }),
          response: { 200: answer.describe('So it answers'), ...problems(400, 401, 413, 415, 503) },
        },
      },
      async (request) => {
        moderation.setMode(request.body.mode);
        return { mode: moderation.mode };
      },
    );
  };
}
