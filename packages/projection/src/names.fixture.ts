import { User } from './blog.fixture.ts';
import { defineProjection } from './define-projection.ts';
import { memoryRepository } from './memory.ts';

export interface NameView {
  readonly name: string;
  /** Every change, so that an event that is applied twice shows. */
  readonly changes: number;
}

export function namesProjection() {
  return defineProjection({
    name: 'names',
    from: [User],
    on: {
      'user-registered': (_, { data }) => ({ name: data.name, changes: 1 }),
      'user-renamed': (row, { data }) => ({ name: data.name, changes: (row?.changes ?? 0) + 1 }),
      'user-left': () => undefined,
    },
    into: memoryRepository<NameView>(),
  });
}
