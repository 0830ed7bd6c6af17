import { jetstreamManager } from '@nats-io/jetstream';
import { type NatsCluster, startNatsCluster } from '@pipit/nats-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openInboxes } from './inbox-store.fixture.ts';

let cluster: NatsCluster;

beforeAll(async () => {
  cluster = await startNatsCluster({ size: 3 });
});
afterAll(() => cluster.stop());

it('of many at the same moment one has the effect, on three replicas whose leader steps down', async () => {
  const [first = ''] = cluster.urls;
  const inboxes = await openInboxes(first, 'blog');
  const options = { lease: 10_000, bucket: { replicas: 3 } };
  const processes = await Promise.all(cluster.urls.map((url) => inboxes.process(options, url)));
  const manager = await jetstreamManager(inboxes.connection);
  expect((await manager.streams.info('KV_blog_inbox')).config.num_replicas).toBe(3);

  const effects = new Map<string, number>();
  const handle = async (eventId: string) => {
    const effect = async () => void effects.set(eventId, (effects.get(eventId) ?? 0) + 1);
    const all = processes.map(async ({ inbox }) => {
      const once = () =>
        inbox
          .once({ group: 'mail', eventId }, effect, { onDoubt: 'fail' })
          .catch((error: Error) => error.message);
      // As a group tries again what fails.
      await expect.poll(once, { timeout: 60_000, interval: 50 }).toMatch(/^(done|repeated)$/);
    });
    await Promise.all(all);
  };
  for (let round = 0; round < 8; round++) {
    const ids = Array.from({ length: 15 }, (_, index) => `e${round}-${index}`);
    const handled = ids.map(handle);
    if (round % 2 === 1) {
      await inboxes.connection.request('$JS.API.STREAM.LEADER.STEPDOWN.KV_blog_inbox').catch(() => {});
    }
    await Promise.all(handled);
  }
  expect([...effects.values()].filter((count) => count !== 1)).toEqual([]);
  expect(effects.size).toBe(120);
  await inboxes.close();
}, 180_000);
