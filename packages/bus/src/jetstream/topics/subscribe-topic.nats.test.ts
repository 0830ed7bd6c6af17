import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mail, MailRequested, mail } from '../../testing/topic-contract.ts';
import { until } from '../../testing/until.ts';
import { type Blog, openBlog } from '../blog.fixture.ts';
import { jetStreamOperations } from '../operations/jetstream-operations.ts';
import { jetStreamSchedules } from '../schedules/jetstream-schedules.ts';
import { jetStreamTopics } from './jetstream-topics.ts';

let server: NatsServer;
let stores = 0;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());

async function withBlog(work: (blog: Blog, store: string) => Promise<void>): Promise<void> {
  stores += 1;
  const store = `shop-${stores}`;
  const blog = await openBlog(server, store);
  try {
    await work(blog, store);
  } finally {
    await blog.close();
  }
}

describe('a group of a topic', () => {
  it.each(['key', 'none'] as const)(
    'gets each firing of a schedule under one id, over retries, a dead letter and a redrive, with order %s',
    (order) =>
      withBlog(async ({ connection, instance }, store) => {
        const bus = await instance(2_000);
        const schedules = await jetStreamSchedules({ connection, store });
        const ids: string[] = [];
        let isBad = true;
        bus.subscribeTopic(Mail, {
          group: 'mail',
          order,
          retry: { attempts: 2, backoff: 10, jitter: 0 },
          on: {
            'mail-requested'({ id }) {
              ids.push(id);
              if (isBad) throw new Error('not yet');
            },
          },
        });
        await schedules.every('due', 1_000, Mail, 'ada', mail());
        await until(async () => (await Array.fromAsync(bus.deadLetters.list())).length > 0);
        await schedules.cancel('due');
        isBad = false;
        const [letter] = await Array.fromAsync(bus.deadLetters.list());
        await bus.deadLetters.redrive(letter?.id ?? '');
        await until(() => ids.filter((id) => id === ids[0]).length === 3);
        expect(ids[0]).toMatch(/@\d{4}-\d\d-\d\dT/);
        expect(letter?.eventId).toBe(ids[0]);
        schedules.close();
      }),
  );

  it('is handled by members in several processes, each key in order', () =>
    withBlog(async ({ connection, instance }, store) => {
      const topics = await jetStreamTopics({ connection, store });
      const seen: { member: number; key: string; text: string }[] = [];
      for (const member of [1, 2, 3]) {
        const bus = await instance(2_000);
        const { ready } = bus.subscribeTopic(Mail, {
          group: 'crowd',
          concurrency: 4,
          on: {
            async 'mail-requested'({ key, data: { text } }) {
              await new Promise((resolve) => setTimeout(resolve, 1));
              seen.push({ member, key, text });
            },
          },
        });
        await ready;
      }
      const keys = Array.from({ length: 40 }, (_, index) => `key ${index}`);
      const texts = Array.from({ length: 20 }, (_, index) => String(index));
      for (const text of texts) await Promise.all(keys.map((key) => topics.publish(Mail, key, mail(text))));
      await until(() => seen.length === keys.length * texts.length);
      for (const key of keys)
        expect(seen.filter((one) => one.key === key).map(({ text }) => text)).toEqual(texts);
      expect(new Set(seen.map(({ member }) => member)).size).toBeGreaterThan(1);
      topics.close();
    }));

  it('begins on a stream of topics that it makes like its store', () =>
    withBlog(async ({ connection, instance, manager }, store) => {
      const bus = await instance();
      await bus.subscribeTopic(Mail, { group: 'mail', on: { 'mail-requested': () => {} } }).ready;
      const { config } = await manager.streams.info(`${store}_topics`);
      const { config: own } = await manager.streams.info(store);
      expect([config.num_replicas, config.storage]).toEqual([own.num_replicas, own.storage]);
      const topics = await jetStreamTopics({ connection, store });
      topics.close();
    }));

  it('says why it cannot begin, where the stream is not one of topics', () =>
    withBlog(async ({ instance, manager, log }, store) => {
      await manager.streams.add({ name: `${store}_topics`, subjects: ['elsewhere'] });
      const bus = await instance();
      const { ready, closed } = bus.subscribeTopic(Mail, {
        group: 'mail',
        on: { 'mail-requested': () => {} },
      });
      await expect(ready).rejects.toMatchObject({
        code: 'SUBSCRIBE_FAILED',
        cause: { code: 'STREAM_MISMATCH' },
      });
      await expect(closed).rejects.toMatchObject({ code: 'SUBSCRIBE_FAILED' });
      expect(log.some(({ level }) => level === 'error')).toBe(true);
    }));

  it('belongs to the operation that its events were published in', () =>
    withBlog(async ({ connection, instance, store: { name } }) => {
      const operations = await jetStreamOperations({ connection, store: name });
      const topics = await jetStreamTopics({ connection, store: name, recorder: operations.recorder });
      const bus = await instance();
      await bus.stop();
      let operationId = '';
      await operations.operation({ kind: 'command', name: 'invite' }, async ({ id }) => {
        operationId = id;
        await topics.publish(Mail, 'ada', MailRequested.create({ to: 'ada', text: 'Come' }, { id: 'e1' }));
      });
      const chain = await operations.get(operationId);
      expect(chain?.events).toMatchObject([
        {
          id: 'e1',
          type: 'mail-requested',
          aggregate: { type: 'mail', id: 'ada' },
          topic: 'mail',
          position: 1,
        },
      ]);
      topics.close();
      await operations.close();
    }));
});
