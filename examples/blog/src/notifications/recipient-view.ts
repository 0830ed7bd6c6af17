import { defineProjection, type Projection } from '@pipit/projection';
import { type Database, postgresRepository } from '@pipit/projection/postgres';
import { z } from 'zod';
import { PostDrafted } from '../posts/post-events.ts';

const recipient = z.object({ userId: z.string(), title: z.string() });

export type Recipient = z.output<typeof recipient>;

/** Who is told of comments on a post: its author, from the posts' events. */
export function recipientView(db: Database): Projection<Recipient> {
  return defineProjection({
    name: 'notification-recipients',
    from: [PostDrafted],
    on: { 'post-drafted': (_, { data: { authorId, title } }) => ({ userId: authorId, title }) },
    into: postgresRepository({ db, name: 'notification-recipients', row: recipient }),
  });
}
