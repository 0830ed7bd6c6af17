import { defineProjection } from '@pipit/projection';
import { memoryRepository } from '@pipit/projection/memory';
import { CommentAdded } from '../comments/comment-events.ts';
import { PostDrafted, PostEdited, PostPublished } from './post-events.ts';

export interface PostRow {
  readonly id: string;
  readonly authorId: string;
  readonly title: string;
  readonly body: string;
  readonly draftedAt: Date;
  readonly publishedAt: Date | undefined;
  readonly revision: number;
  readonly comments: readonly CommentRow[];
}

interface CommentRow {
  readonly id: string;
  readonly authorId: string;
  readonly text: string;
}

/** Posts with their comments. Names are in the view of authors, so that a renaming changes one row and not thousands. */
export const postView = defineProjection({
  name: 'posts',
  from: [PostDrafted, PostEdited, PostPublished, CommentAdded],
  key: (event) => (event.type === 'comment-added' ? event.data.postId : event.aggregate.id),
  on: {
    'post-drafted': (_, { aggregate, data, revision, time }) => ({
      ...data,
      id: aggregate.id,
      draftedAt: time,
      publishedAt: undefined,
      revision,
      comments: [],
    }),
    'post-edited': (row, { data: { title, body }, revision }) =>
      row && { ...row, title: title ?? row.title, body: body ?? row.body, revision },
    'post-published': (row, { revision, time }) => row && { ...row, publishedAt: time, revision },
    'comment-added': (row, { aggregate: { id }, data: { authorId, text } }) =>
      row && { ...row, comments: [...row.comments, { id, authorId, text }] },
  },
  into: memoryRepository<PostRow>(),
});
