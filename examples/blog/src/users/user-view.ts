import { defineProjection } from '@pipit/projection';
import { memoryRepository } from '@pipit/projection/memory';
import { User } from './user.ts';

export interface UserRow {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
}

export const userView = defineProjection({
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
  into: memoryRepository<UserRow>(),
});
