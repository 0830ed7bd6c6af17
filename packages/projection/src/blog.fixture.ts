import { defineAggregate } from '@pipit/store';
import { defineEvent } from '@pipit/types-registry';
import { z } from 'zod';

export const Registered = defineEvent('user-registered', z.object({ name: z.string() }));
export const Renamed = defineEvent('user-renamed', z.object({ name: z.string() }));
export const Left = defineEvent('user-left', z.object({}));
export const Written = defineEvent('post-written', z.object({ authorId: z.string() }));

export const User = defineAggregate('user', {
  events: [Registered, Renamed, Left],
  initial: {},
  evolve: { 'user-registered': (s) => s, 'user-renamed': (s) => s, 'user-left': (s) => s },
});

export const Post = defineAggregate('post', {
  events: [Written],
  initial: {},
  evolve: { 'post-written': (s) => s },
});
