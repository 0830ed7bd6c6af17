import { z } from 'zod';
import { User } from '../blog.fixture.ts';
import { defineProjection, type Projection } from '../define-projection.ts';
import { type PostgresRepository, postgresRepository } from '../postgres.ts';
import type { Database } from '../postgres/database.ts';

export const countedName = z.object({
  /** Which version of the projection has made it. */
  madeBy: z.number(),
  name: z.string(),
  /** Each event once: a repetition shows. */
  changes: z.number(),
});

export type CountedName = z.infer<typeof countedName>;

export function countedNames(
  db: Database,
  { version = 1, shards = 1, schema = 'public' },
): Projection<CountedName> & { readonly repository: PostgresRepository<CountedName> } {
  const into = postgresRepository({ db, name: 'names', row: countedName, schema });
  const change = (row: CountedName | undefined, event: { readonly data: { readonly name: string } }) => ({
    madeBy: version,
    name: event.data.name,
    changes: (row?.changes ?? 0) + 1,
  });
  const projection = defineProjection({
    name: 'names',
    version,
    shards,
    from: [User],
    on: { 'user-registered': change, 'user-renamed': change },
    into,
  });
  return { ...projection, repository: into };
}
