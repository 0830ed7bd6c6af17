import { defineProjection, type Projection } from '@pipit/projection';
import { type Database, postgresRepository } from '@pipit/projection/postgres';
import { z } from 'zod';
import { PostDrafted } from '../posts/post-events.ts';
import { UserRegistered } from '../users/user-events.ts';

const there = z.literal(true);

/** What comments know of others: who is there to write one, and what is there to be commented on. */
export type ReferenceView = Projection<z.output<typeof there>>;

export function commenterView(db: Database): ReferenceView {
  return defineProjection({
    name: 'commenters',
    from: [UserRegistered],
    on: { 'user-registered': () => true as const },
    into: postgresRepository({ db, name: 'commenters', row: there }),
  });
}

export function commentedView(db: Database): ReferenceView {
  return defineProjection({
    name: 'commented-posts',
    from: [PostDrafted],
    on: { 'post-drafted': () => true as const },
    into: postgresRepository({ db, name: 'commented-posts', row: there }),
  });
}
