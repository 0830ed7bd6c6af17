import { setTimeout as delay } from 'node:timers/promises';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Blog, openBlog, Post, publish } from '../blog.fixture.ts';
import { createEffects, outOfOrder, readEffects } from '../faults/effects.fixture.ts';
import { processes, slowTitle } from './processes.fixture.ts';

const patience = { timeout: 60_000, interval: 20 };
const keys = 20;
let server: NatsServer;
let blog: Blog;
let running: ReturnType<typeof processes>;

beforeEach(async () => {
  server = await startNatsServer();
  blog = await openBlog(server, 'blog');
  await createEffects(blog.connection);
  running = processes();
});
afterEach(async () => {
  await running.stop();
  await blog.close();
  await server.stop();
});

/** Appends to one post after the other, with a pause of so many milliseconds, until it is stopped. */
function load(pause = 2) {
  let on = true;
  const appending = (async () => {
    for (let count = 0; on; count += 1) {
      await blog.store.append(Post, `p${count % keys}`, publish('Hello'));
      await delay(pause);
    }
    return blog.store.position();
  })();
  return {
    stop: () => {
      on = false;
      return appending;
    },
  };
}

describe.each(['key', 'none'] as const)('a group of order %s', (order) => {
  const start = (name: string, groups: string[], lease = 15_000) =>
    running.start({ servers: server.url, store: 'blog', name, groups, order, lease });

  /** How many events of the group a process has handled, as they are. */
  function counters() {
    const counts = new Map<string, number>();
    blog.connection.subscribe('effects.>', {
      callback(_, msg) {
        const [, key = ''] = msg.subject.split('.');
        const name = `${key.split('-')[0]} by ${msg.string()}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      },
    });
    return (name: string) => counts.get(name) ?? 0;
  }

  async function expectEachOnce(events: number): Promise<void> {
    for (const group of ['moving', 'staying']) {
      const end = { ack_floor: { stream_seq: events }, num_ack_pending: 0, num_pending: 0 };
      await expect.poll(() => blog.consumer(group), patience).toMatchObject(end);
    }
    const effects = await readEffects(blog.connection);
    const all = Array.from({ length: events }, (_, index) => index + 1);
    for (const group of ['moving', 'staying']) {
      const of = effects.filter(({ key }) => key.startsWith(group));
      expect(of.map(({ position }) => position).sort((a, b) => a - b)).toEqual(all);
      if (order === 'key') expect(outOfOrder(of)).toEqual([]);
    }
    const { deadLetters } = await blog.instance();
    expect(await Array.fromAsync(deadLetters.list({ state: 'all' }))).toEqual([]);
  }

  it('moves to a process of its own under load: every event is handled, and only once', async () => {
    const handled = counters();
    const old = await start('old', ['moving', 'staying']);
    const appending = load();
    await expect.poll(() => handled('moving by old'), patience).toBeGreaterThan(100);
    await start('new', ['moving']);
    await expect.poll(() => handled('moving by new'), patience).toBeGreaterThan(50);
    await old.leave('moving');
    await expect.poll(() => handled('moving by new'), patience).toBeGreaterThan(200);
    await expectEachOnce(await appending.stop());
    expect(handled('staying by new')).toBe(0);
  }, 120_000);

  it('moves while handlers in both processes take long: every event is handled, and only once', async () => {
    // A process that can do nothing for a third of it gives up what it has under way, which is handled again.
    const lease = 10_000;
    const handled = counters();
    // In the leader longer than a silent one is waited for, and in the other until long after that one has ended.
    const slow = slowTitle({ old: 0.5 * lease, new: 1.5 * lease });
    const begun = new Set<string>();
    blog.connection.subscribe('begun.moving.*.*', {
      callback: (_, { subject }) => void begun.add(subject),
    });
    const isSlow = (name: string) => [...begun].some((subject) => subject.includes(`.${name}.`));
    const old = await start('old', ['moving', 'staying'], lease);
    const appending = load(10);
    await expect.poll(() => handled('moving by old'), patience).toBeGreaterThan(100);
    await start('new', ['moving'], lease);
    await expect.poll(() => handled('moving by new'), patience).toBeGreaterThan(50);
    for (let count = 1; !isSlow('old') || !isSlow('new'); count += 1) {
      await blog.store.append(Post, `slow${count}`, publish(slow));
      await expect.poll(() => begun.size, patience).toBe(count);
    }
    const before = { old: handled('moving by old'), new: handled('moving by new') };
    await old.leave('moving');
    await expect.poll(() => handled('moving by new'), patience).toBeGreaterThan(before.new + 100);
    expect(handled('moving by old')).toBeGreaterThan(before.old);
    await expectEachOnce(await appending.stop());
  }, 120_000);

  it('moves with a gap: what is appended between the two is handled by the new one, and only once', async () => {
    const handled = counters();
    const old = await start('old', ['moving', 'staying']);
    const appending = load();
    await expect.poll(() => handled('moving by old'), patience).toBeGreaterThan(100);
    await old.leave('moving');
    const last = handled('moving by old');
    await expect.poll(async () => (await blog.consumer('moving')).num_pending, patience).toBeGreaterThan(100);
    await start('new', ['moving']);
    await expect.poll(() => handled('moving by new'), patience).toBeGreaterThan(150);
    await expectEachOnce(await appending.stop());
    expect([handled('moving by old'), handled('staying by new')]).toEqual([last, 0]);
  }, 120_000);
});
