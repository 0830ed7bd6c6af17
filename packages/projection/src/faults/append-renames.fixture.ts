import type { EventStore } from '@pipit/store';
import { Renamed, User } from '../blog.fixture.ts';

/** Appends so many events, a few hundred of each user at once, evenly over so many users. */
export async function appendRenames(
  store: EventStore<typeof User>,
  events: number,
  users: number,
): Promise<void> {
  const each = events / users;
  for (let user = 0; user < users; user += 1) {
    for (let from = 0; from < each; from += 500) {
      const count = Math.min(500, each - from);
      const renames = Array.from({ length: count }, (_, index) => Renamed.create({ name: `${from + index}` }));
      await store.append(User, `u${user}`, renames, { timeout: 60_000 });
    }
  }
}
