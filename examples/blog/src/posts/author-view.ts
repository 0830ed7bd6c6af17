import { defineProjection, type Projection } from '@pipit/projection';
import { type Database, postgresRepository } from '@pipit/projection/postgres';
import { z } from 'zod';
import { UserRegistered, UserRenamed } from '../users/user-events.ts';

const authorRow = z.object({ name: z.string() });

export type AuthorRow = z.output<typeof authorRow>;
export type AuthorView = Projection<AuthorRow>;

/** What posts know of users: the names of those who write posts and comments, from the users' events. */
export function authorView(db: Database): AuthorView {
  return defineProjection({
    name: 'post-authors',
    from: [UserRegistered, UserRenamed],
    on: {
      'user-registered': (_, { data: { name } }) => ({ name }),
      'user-renamed': (_, { data: { name } }) => ({ name }),
    },
    into: postgresRepository({ db, name: 'post-authors', row: authorRow }),
  });
}
