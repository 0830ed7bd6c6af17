import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Api } from '../http/api.ts';
import { idOf, text, wholeNumber } from '../http/fields.ts';
import { linkToNext } from '../http/link-to-next.ts';
import { problems } from '../http/problem.ts';
import { etag } from '../http/revision.ts';
import { NotFoundError } from '../refusals.ts';
import type { AuthorView } from './author-view.ts';
import type { Post } from './post.ts';
import { authorsOf, summary, summaryOf, whole, wholeOf } from './post-shape.ts';
import type { PostView } from './post-view.ts';

const tags = ['posts'];

const listed = z
  .strictObject({
    published: z.enum(['true', 'false']).optional().describe('Only published posts, or only drafts'),
    search: text(200)
      .optional()
      .describe('Only posts whose title or body has these words: `"exact words"`, `or` and `-without` work'),
    limit: wholeNumber(1, 1_000)
      .optional()
      .describe('Posts at most, from 1 to 1,000; 100 where none is named'),
    after: z.string().optional().describe('Where the page begins: as the `Link` of the page before says'),
  })
  .refine(({ published, search }) => published === undefined || search === undefined, {
    path: ['published'],
    message: 'cannot be told apart in a search',
  });

const shown = z.strictObject({
  after: wholeNumber(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('The `Position` of a write, which is waited for: two seconds at most'),
});

export function postQueryRoutes(
  { find, view, caughtUpTo }: Api<typeof Post>,
  { posts, authors }: { readonly posts: PostView; readonly authors: AuthorView },
): FastifyPluginAsyncZod {
  const names = view(authors);
  return async (server) => {
    server.get(
      '/posts',
      {
        schema: {
          tags,
          summary: 'List posts, or search them',
          description:
            'Drafts and published posts, the newest first; in a search, those that fit best first. Where there are more, the header `Link` names the next page, `rel="next"`.',
          querystring: listed,
          response: { 200: z.array(summary).describe('The posts'), ...problems(400, 503) },
        },
      },
      async (request, reply) => {
        const { published, search, limit = 100, after } = request.query;
        const page = { limit, ...(after !== undefined && { after }) };
        const { rows, next } = await (search === undefined
          ? view(posts).page({
              ...page,
              // Ids begin with the time.
              direction: 'descending',
              ...(published && { where: { published: published === 'true' } }),
            })
          : posts.repository.search(search, page));
        if (next !== undefined) reply.header('link', linkToNext(request.url, next));
        const known = await names.getMany(authorsOf(rows, 'without comments'));
        return rows.map((row) => summaryOf(row, known));
      },
    );

    server.get(
      '/posts/:id',
      {
        schema: {
          tags,
          summary: 'Show a post with its comments',
          description: 'With `after`, what was written up to there is shown, or the answer is 503.',
          params: idOf('post'),
          querystring: shown,
          response: { 200: whole.describe('The post'), ...problems(400, 404, 503) },
        },
      },
      async (request, reply) => {
        const { after } = request.query;
        if (after !== undefined) await caughtUpTo(posts, after);
        const row = await find(posts, request.params.id);
        if (row === undefined) throw new NotFoundError('post');
        const known = await names.getMany(authorsOf([row], 'with comments'));
        return reply.header('etag', etag(row.revision)).send(wholeOf(row, known));
      },
    );
  };
}
