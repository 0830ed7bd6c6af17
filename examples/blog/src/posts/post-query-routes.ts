import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Api } from '../http/api.ts';
import { idOf } from '../http/fields.ts';
import { problems } from '../http/problem.ts';
import { etag } from '../http/revision.ts';
import { NotFoundError } from '../refusals.ts';
import type { Post } from './post.ts';
import { summary, summaryOf, whole, wholeOf } from './post-shape.ts';
import { postView } from './post-view.ts';

const tags = ['posts'];

export function postQueryRoutes({ find }: Api<typeof Post>): FastifyPluginAsyncZod {
  return async (server) => {
    server.get(
      '/posts',
      {
        schema: {
          tags,
          summary: 'List posts',
          description: 'Drafts and published posts, the newest first.',
          querystring: z.strictObject({
            published: z.enum(['true', 'false']).optional().describe('Only published posts, or only drafts'),
          }),
          response: { 200: z.array(summary).describe('The posts'), ...problems(400, 503) },
        },
      },
      async (request) => {
        const { published } = request.query;
        const rows = (await postView.repository.find()).filter(
          ({ publishedAt }) => published === undefined || String(publishedAt !== undefined) === published,
        );
        return Promise.all(rows.toReversed().map(summaryOf));
      },
    );

    server.get(
      '/posts/:id',
      {
        schema: {
          tags,
          summary: 'Show a post with its comments',
          params: idOf('post'),
          response: { 200: whole.describe('The post'), ...problems(404, 503) },
        },
      },
      async (request, reply) => {
        const row = await find(postView, request.params.id);
        if (row === undefined) throw new NotFoundError('post');
        return reply.header('etag', etag(row.revision)).send(await wholeOf(row));
      },
    );
  };
}
