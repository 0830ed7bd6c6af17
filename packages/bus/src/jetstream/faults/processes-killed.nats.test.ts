import { startNatsServer } from '@pipit/nats-server';
import { expect, it } from 'vitest';
import { openBlog, Post, publish } from '../blog.fixture.ts';
import { countEffects, createEffects, outOfOrder, readEffects } from './effects.fixture.ts';
import { startMembers } from './members.fixture.ts';
import { isLong, randomOf, seed } from './seed.fixture.ts';

const [events, keys, kills] = isLong ? [50_000, 500, 40] : [3_000, 60, 4];
const perAppend = 10;
const lease = 2_000;
const patience = { timeout: 400_000, interval: 50 };

console.log(`PIPIT_SEED=${seed} plans the same faults again.`);

it.each(['key', 'none'] as const)(
  'three processes that are killed at random handle every event, with one effect each, in a group of order %s',
  async (order) => {
    const server = await startNatsServer();
    const blog = await openBlog(server, 'blog');
    const { connection, store } = blog;
    await createEffects(connection);
    const members = await startMembers(connection, 3, {
      ...{ servers: [server.url], store: 'blog', group: 'crowd', order, lease },
      ...{ concurrency: 8, slowness: isLong ? 20 : 8, attempts: 5 },
    });
    try {
      let tried = 0;
      connection.subscribe('tried.*', {
        callback() {
          tried += 1;
        },
      });
      const began = performance.now();
      const appending = (async () => {
        for (let round = 0; round < events / keys / perAppend; round += 1) {
          for (let key = 0; key < keys; key += 1) {
            const some = Array.from({ length: perAppend }, () => publish('Hello'));
            await store.append(Post, `p${key}`, some);
          }
        }
      })();
      let leaders = 0;
      const share = events / (kills + 0.5);
      for (let kill = 0; kill < kills; kill += 1) {
        const random = randomOf(kill);
        const due = Math.floor(share * kill) + random.below(Math.floor(share));
        await expect.poll(() => countEffects(connection), patience).toBeGreaterThanOrEqual(due);
        if (kill === 0 && order === 'key') await expect.poll(() => members.leader, patience).toBeDefined();
        const { leader, pids } = members;
        const victim = pids[random.below(pids.length)];
        // The first of them, and half of the others, is the leader, if there is one.
        const chosen = kill === 0 || random.chance(0.5) ? (leader ?? victim) : victim;
        if (chosen === leader) leaders += 1;
        if (chosen !== undefined) await members.kill(chosen);
      }
      await appending;
      await expect.poll(() => countEffects(connection), patience).toBe(events);
      const seconds = (performance.now() - began) / 1000;
      await expect
        .poll(async () => {
          const { ack_floor, num_ack_pending, num_pending } = await blog.consumer('crowd');
          return { floor: ack_floor.stream_seq, num_ack_pending, num_pending };
        }, patience)
        .toEqual({ floor: events, num_ack_pending: 0, num_pending: 0 });

      const summary =
        `PIPIT_SEED=${seed}, order ${order}: ${events} events of ${keys} keys in ${seconds.toFixed(1)} s, ` +
        `${members.ends} processes killed, ${leaders} of them as leader; ${tried} tries`;
      console.log(summary);
      const effects = await readEffects(connection);
      if (order === 'key') expect(outOfOrder(effects), summary).toEqual([]);
      expect(new Set(effects.map(({ position }) => position)).size).toBe(events);
      const bus = await blog.instance(lease);
      expect(await Array.fromAsync(bus.deadLetters.list({ state: 'all' }))).toEqual([]);
    } finally {
      await members.stop();
      await blog.close();
      await server.stop();
    }
  },
  600_000,
);

it('events that are sent to a member that has just been killed are handled by another', async () => {
  const server = await startNatsServer();
  const blog = await openBlog(server, 'blog');
  const { connection, store } = blog;
  await createEffects(connection);
  const members = await startMembers(connection, 3, {
    ...{ servers: [server.url], store: 'blog', group: 'crowd', order: 'key', lease },
    ...{ concurrency: 8, slowness: 0, attempts: 5 },
  });
  try {
    let expected = 0;
    const append = async () => {
      for (let key = 0; key < 40; key += 1) await store.append(Post, `p${key}`, publish('Hello'));
      expected += 40;
    };
    await append();
    for (let kill = 0; kill < 3; kill += 1) {
      await expect.poll(() => countEffects(connection), patience).toBe(expected);
      await expect.poll(() => members.leader, patience).toBeDefined();
      const idle = members.pids.find((pid) => pid !== members.leader) as number;
      await members.kill(idle);
      await append();
    }
    await expect.poll(() => countEffects(connection), patience).toBe(expected);
    expect(outOfOrder(await readEffects(connection))).toEqual([]);
  } finally {
    await members.stop();
    await blog.close();
    await server.stop();
  }
}, 120_000);
