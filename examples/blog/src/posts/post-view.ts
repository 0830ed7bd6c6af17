import { defineProjection } from '@pipit/projection';
import { type Database, postgresRepository } from '@pipit/projection/postgres';
import { z } from 'zod';
import { CommentAdded } from '../comments/comment-events.ts';
import { PostDrafted, PostEdited, PostPublished, PostSlugReleased, PostSlugReserved } from './post-events.ts';

const postRow = z.object({
  id: z.string(),
  authorId: z.string(),
  title: z.string(),
  body: z.string(),
  published: z.boolean(),
  publishedAt: z.iso.datetime().optional(),
  slug: z.string().optional(),
  revision: z.int(),
  comments: z.array(z.object({ id: z.string(), authorId: z.string(), text: z.string() })),
});

export type PostRow = z.output<typeof postRow>;
export type PostView = ReturnType<typeof postView>;

/** Posts with their comments. Names are in the view of authors, so that a renaming changes one row and not thousands. */
export function postView(db: Database) {
  const repository = postgresRepository({ db, name: 'posts', row: postRow, search: ['title', 'body'] });
  const projection = defineProjection({
    name: 'posts',
    // Goes up when the same events shall make other rows: they are built beside those that are read, until all are there.
    version: 2,
    // So that up to four processes write them.
    shards: 4,
    from: [PostDrafted, PostEdited, PostSlugReserved, PostSlugReleased, PostPublished, CommentAdded],
    key: (event) => (event.type === 'comment-added' ? event.data.postId : event.aggregate.id),
    on: {
      'post-drafted': (_, { aggregate, data, revision }) => ({
        ...data,
        id: aggregate.id,
        published: false,
        revision,
        comments: [],
      }),
      'post-edited': (row, { data: { title, body }, revision }) =>
        row && { ...row, title: title ?? row.title, body: body ?? row.body, revision },
      'post-slug-reserved': (row, { data: { slug }, revision }) => row && { ...row, slug, revision },
      'post-slug-released': (row, { revision }) => row && { ...row, slug: undefined, revision },
      'post-published': (row, { revision, time }) =>
        row && { ...row, published: true, publishedAt: time.toISOString(), revision },
      'comment-added': (row, { aggregate: { id }, data: { authorId, text } }) =>
        row && { ...row, comments: [...row.comments, { id, authorId, text }] },
    },
    into: repository,
  });
  return { ...projection, repository };
}
