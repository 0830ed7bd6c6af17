import { startNatsServer } from '@pipit/nats-server';
import { expect, it } from 'vitest';
import { until } from '../../testing/until.ts';
import { Post } from '../blog.fixture.ts';
import { openBus } from '../jetstream-bus.ts';
import { outOfOrder } from './effects.fixture.ts';
import { openGroup } from './group.fixture.ts';

it('while dead letters cannot be kept, an event that fails is not acknowledged, and its group goes on when they can', async () => {
  const server = await startNatsServer();
  let mended = false;
  const group = await openGroup({
    ...{ urls: [server.url], members: 2, lease: 2_000, concurrency: 8 },
    retry: { attempts: 2, backoff: () => 50, jitter: 0 },
    handle(position) {
      if (!mended && (position === 4 || position === 15)) throw new Error('it always fails');
    },
  });
  try {
    // It has a leader, who knows the letters there are.
    await group.append(1, 1);
    await until(() => group.handled.size === 1);
    await group.manager.streams.delete('blog_dead');
    await group.append(10, 5);
    for (const position of [4, 15]) {
      const said = `position ${position}, and could not keep it as a dead letter`;
      await until(() => group.log.some((line) => line.includes(said)));
    }
    // Nothing of the two keys passes what fails.
    await until(async () => (await group.info()).num_ack_pending === 5);
    expect(await group.info()).toMatchObject({ ack_floor: { stream_seq: 3 } });
    expect(group.handled.size).toBe(51 - 5);

    const { connection } = group;
    const again = await openBus({ connection, store: 'blog', aggregates: [Post] });
    await until(async () => (await group.info()).ack_floor.stream_seq === 51);
    const letters = await Array.fromAsync(again.deadLetters.list({ state: 'all' }));
    const found = letters.map(({ position, state }) => `${position} ${state}`).sort();
    expect(found).toEqual(['15 dead', '16 parked', '4 dead', '5 parked', '6 parked']);
    mended = true;
    for (const { id, state } of letters) if (state === 'dead') await again.deadLetters.redrive(id);
    await until(() => group.handled.size === 51);
    expect(outOfOrder([...group.handled.values()])).toEqual([]);
    expect(group.repeated).toEqual([]);
    await until(async () => (await Array.fromAsync(again.deadLetters.list({ state: 'all' }))).length === 0);
    await again.stop();
  } finally {
    await group.close();
    await server.stop();
  }
}, 90_000);
