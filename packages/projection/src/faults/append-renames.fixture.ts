import type { EventStore } from '@pipit/store';
import pLimit from 'p-limit';
import { Renamed, User } from '../blog.fixture.ts';

/** Appends so many events, evenly over so many users, many users at once. */
export async function appendRenames(
  store: EventStore<typeof User>,
  events: number,
  users: number,
): Promise<void> {
  // One by one: atomic batches of few events each would take the server several times as long.
  await pLimit(500).map(Array(users).keys(), async (user) => {
    for (let at = 0; at < events / users; at += 1)
      await store.append(User, `u${user}`, Renamed.create({ name: `${at}` }), { timeout: 60_000 });
  });
}
