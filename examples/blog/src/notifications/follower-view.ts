import { defineProjection, type Projection } from '@pipit/projection';
import { type Database, postgresRepository } from '@pipit/projection/postgres';
import { z } from 'zod';
import { CommentAdded } from '../comments/comment-events.ts';

const followers = z.object({ userIds: z.array(z.string()) });

export type Followers = z.output<typeof followers>;

/** Who follows a post: those who have commented on it, from the comments' events. */
export function followerView(db: Database): Projection<Followers> {
  return defineProjection({
    name: 'post-followers',
    from: [CommentAdded],
    key: ({ data: { postId } }) => postId,
    on: {
      'comment-added': (row, { data: { authorId } }) => ({
        userIds: [...new Set([...(row?.userIds ?? []), authorId])],
      }),
    },
    into: postgresRepository({ db, name: 'post-followers', row: followers }),
  });
}
