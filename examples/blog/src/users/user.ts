import { defineAggregate } from '@pipit/store';
import { UserRegistered, UserRenamed } from './user-events.ts';

export interface UserState {
  readonly name: string;
}

export const User = defineAggregate('user', {
  events: [UserRegistered, UserRenamed],
  initial: undefined as UserState | undefined,
  evolve: {
    'user-registered': (_, { data }) => ({ name: data.name }),
    'user-renamed': (_, { data }) => ({ name: data.name }),
  },
});
