import { defineProjection } from '@pipit/projection';
import { memoryRepository } from '@pipit/projection/memory';
import { PostDrafted } from '../posts/post-events.ts';

export interface Recipient {
  readonly userId: string;
  readonly title: string;
}

/** Who is told of comments on a post: its author, from the posts' events. */
export const recipientView = defineProjection({
  name: 'notification-recipients',
  from: [PostDrafted],
  on: { 'post-drafted': (_, { data: { authorId, title } }) => ({ userId: authorId, title }) },
  into: memoryRepository<Recipient>(),
});
