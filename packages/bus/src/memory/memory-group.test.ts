import { memoryStore } from '@pipit/store/memory';
import type { RecordedEvent } from '@pipit/types-registry';
import { expect, it } from 'vitest';
import { aggregates, Post, publish } from '../jetstream/blog.fixture.ts';
import { memoryBus } from '../memory.ts';
import { until } from '../testing/until.ts';
import type { EventFeed } from './memory-feed.ts';

/** A feed of a store's events at positions with gaps in between, as a store has them that was archived. */
async function withGaps() {
  const store = memoryStore({ name: 'blog', aggregates });
  await store.append(Post, 'p1', ['a', 'b', 'c'].map(publish));
  const asked: object[] = [];
  const positions = [50, 53, 90];
  const feed: EventFeed = {
    name: 'blog',
    position: async () => 90,
    async *follow(options = {}) {
      const { signal, ...place } = options;
      asked.push(place);
      const all: RecordedEvent[] = [];
      for await (const { events } of store.follow(signal === undefined ? {} : { signal })) {
        for (const event of events) all.push({ ...event, position: positions[event.position - 1] ?? 0 });
        const from = options.fromPosition ?? 1;
        yield { events: all.splice(0).filter(({ position }) => position >= from), position: 90 };
      }
    },
  };
  return { store, feed, asked };
}

it.each([new Date(0), 'start', 40] as const)(
  'goes on behind what it has handled, from %s and over gaps',
  async (from) => {
    const { store, feed, asked } = await withGaps();
    const bus = memoryBus({ store: feed, aggregates });
    const seen: number[] = [];
    let failing = true;
    const options = {
      group: 'search',
      order: 'none' as const,
      from,
      retry: { backoff: () => 60_000 },
      on: {
        'post-published': ({ position }: { position: number }) => {
          if (position === 53 && failing) throw new Error('no');
          seen.push(position);
        },
      },
    };
    const first = bus.subscribe(options);
    await until(() => seen.length === 2);
    await first.stop();
    failing = false;
    const second = bus.subscribe(options);
    await until(() => seen.length === 3);
    await second.stop();
    const third = bus.subscribe(options);
    await until(() => asked.length === 3);
    await third.stop();
    expect(seen).toEqual([50, 90, 53]);
    const beginning =
      from instanceof Date ? { fromTime: from } : { fromPosition: from === 'start' ? 1 : from };
    expect(asked).toEqual([beginning, { fromPosition: 53 }, { fromPosition: 91 }]);
    await bus.stop();
    await store.close();
  },
);
