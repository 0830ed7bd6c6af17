import { defineProjection, type Projection } from '@pipit/projection';
import { type Database, postgresRepository } from '@pipit/projection/postgres';
import { z } from 'zod';
import { User } from './user.ts';

const userRow = z.object({ id: z.string(), name: z.string(), revision: z.int() });

export type UserView = Projection<z.output<typeof userRow>>;

export function userView(db: Database): UserView {
  return defineProjection({
    name: 'users',
    from: [User],
    on: {
      'user-registered': (_, { aggregate, data, revision }) => ({
        id: aggregate.id,
        name: data.name,
        revision,
      }),
      'user-renamed': (row, { data, revision }) => row && { ...row, name: data.name, revision },
    },
    into: postgresRepository({ db, name: 'users', row: userRow }),
  });
}
