import type { App } from '@pipit/bootstrap';
import { problems, type RoutedApp, type Routes, routesOf } from '@pipit/bootstrap/fastify';
import type { View } from '@pipit/projection';
import { z } from 'zod';
import { text, wholeNumber } from '../http/fields.ts';
import { linkToNext } from '../http/link-to-next.ts';
import { NotFoundError } from '../refusals.ts';
import type { AuthorRow, AuthorView } from './author-view.ts';
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

export function postQueryRoutes(
  app: RoutedApp<typeof Post>,
  { posts, authors }: { readonly posts: PostView; readonly authors: AuthorView },
): Routes[] {
  const names = app.view(authors);
  const { show } = routesOf(app, { tags });
  return [
    listRoute(app, posts, names),
    show('GET /posts/:id', posts, {
      summary: 'Show a post with its comments',
      description: 'With `after`, what was written up to there is shown, or the answer is 503.',
      answer: whole.describe('The post'),
      missing: () => new NotFoundError('post'),
      toAnswer: async (row) => wholeOf(row, await names.getMany(authorsOf([row], 'with comments'))),
    }),
  ];
}

function listRoute({ view }: Pick<App, 'view'>, posts: PostView, names: View<AuthorRow>): Routes {
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
  };
}
