import { defineProjection } from '@pipit/projection';
import { memoryRepository } from '@pipit/projection/memory';
import { PostDrafted } from '../posts/post-events.ts';
import { UserRegistered } from '../users/user-events.ts';

/** What comments know of others: who can write one, and what it can be about. */
export const commenterView = defineProjection({
  name: 'commenters',
  from: [UserRegistered],
  on: { 'user-registered': () => true },
  into: memoryRepository<boolean>(),
});

export const commentedView = defineProjection({
  name: 'commented-posts',
  from: [PostDrafted],
  on: { 'post-drafted': () => true },
  into: memoryRepository<boolean>(),
});
