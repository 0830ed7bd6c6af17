import { defineProjection } from '@pipit/projection';
import { memoryRepository } from '@pipit/projection/memory';
import { UserRegistered, UserRenamed } from '../users/user-events.ts';

export interface AuthorRow {
  readonly name: string;
}

/** What posts know of users: the names of those who write posts and comments, from the users' events. */
export const authorView = defineProjection({
  name: 'post-authors',
  from: [UserRegistered, UserRenamed],
  on: {
    'user-registered': (_, { data: { name } }) => ({ name }),
    'user-renamed': (_, { data: { name } }) => ({ name }),
  },
  into: memoryRepository<AuthorRow>(),
});
