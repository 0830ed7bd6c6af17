import { jetstreamManager } from '@nats-io/jetstream';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Inboxes, openInboxes } from './inbox-store.fixture.ts';
import { kvInbox } from './kv-inbox.ts';

let server: NatsServer;
let inboxes: Inboxes;
let effects: number;
const key = { group: 'mail', eventId: 'e1' };
const onDoubt = 'fail';
const effect = async () => {
  effects += 1;
};

beforeEach(async () => {
  effects = 0;
  server = await startNatsServer();
  inboxes = await openInboxes(server.url, 'blog');
});
afterEach(async () => {
  await inboxes.close();
  await server.stop();
});

describe('while the server is away', () => {
  it('the handler does not run, and does when the server is back', async () => {
    const { inbox } = await inboxes.process();
    await server.kill();
    await expect(inbox.once(key, effect, { onDoubt })).rejects.toMatchObject({ code: 'INBOX_UNAVAILABLE' });
    expect(effects).toBe(0);
    await server.restart();
    await expect.poll(() => inbox.once(key, effect, { onDoubt }).catch(() => 'away')).toBe('done');
    const other = await inboxes.process();
    expect(await other.inbox.once(key, effect, { onDoubt })).toBe('repeated');
    expect(effects).toBe(1);
  });

  it('an effect that ends is remembered by its process, and written when the server is back', async () => {
    const { inbox } = await inboxes.process();
    const outcome = await inbox.once(
      key,
      async () => {
        effects += 1;
        await server.kill();
      },
      { onDoubt },
    );
    expect(outcome).toBe('done');
    expect(await inbox.once(key, effect, { onDoubt })).toBe('repeated');
    await server.restart();
    const other = await inboxes.process();
    // Never in doubt, though the server had forgotten the first one's sign of life.
    expect(await other.inbox.once(key, effect, { onDoubt })).toBe('repeated');
    expect(effects).toBe(1);
  });

  it('an effect that fails is remembered too, and runs again', async () => {
    const { inbox } = await inboxes.process();
    const failing = inbox.once(
      key,
      async () => {
        await server.kill();
        throw new Error('away');
      },
      { onDoubt },
    );
    await expect(failing).rejects.toThrow('away');
    await server.restart();
    const other = await inboxes.process();
    expect(await other.inbox.once(key, effect, { onDoubt })).toBe('done');
    await expect.poll(() => inbox.once(key, effect, { onDoubt }).catch(() => 'away')).toBe('repeated');
    expect(effects).toBe(1);
  });
});

it('a hundred events over three processes have one effect each, while the server is killed again and again', async () => {
  const happened = new Map<string, number>();
  const processes = await Promise.all([1, 2, 3].map(() => inboxes.process({ lease: 10_000 })));
  const handle = async (eventId: string) => {
    // As a group does that gets everything twice, and tries again what fails.
    const each = processes.slice(0, 2).map(async ({ inbox }) => {
      const once = () =>
        inbox
          .once(
            { group: 'mail', eventId },
            async () => {
              happened.set(eventId, (happened.get(eventId) ?? 0) + 1);
            },
            { onDoubt },
          )
          .catch((error: { code: string }) => error.code);
      await expect.poll(once, { timeout: 60_000, interval: 50 }).toMatch(/done|repeated/);
    });
    await Promise.all(each);
    processes.push(...processes.splice(0, 1));
  };
  let over = false;
  const killing = (async () => {
    for (let round = 0; round < 3 && !over; round++) {
      const soFar = happened.size;
      await expect.poll(() => over || happened.size > soFar + 10).toBe(true);
      await server.kill();
      await server.restart();
    }
  })();
  const ids = Array.from({ length: 100 }, (_, index) => `e${index}`);
  for (let i = 0; i < ids.length; i += 10) await Promise.all(ids.slice(i, i + 10).map(handle));
  over = true;
  await killing;
  expect([...happened.values()].filter((count) => count !== 1)).toEqual([]);
  expect(happened.size).toBe(100);
}, 120_000);

describe('a bucket', () => {
  it('is made like the stream of the store, and is one that the KV tools read', async () => {
    await inboxes.process();
    const manager = await jetstreamManager(inboxes.connection);
    const { config } = await manager.streams.info('KV_blog_inbox');
    expect(config).toMatchObject({
      subjects: ['$KV.blog_inbox.>'],
      max_msgs_per_subject: 1,
      allow_msg_ttl: true,
      deny_delete: true,
      num_replicas: 1,
      metadata: { 'pipit-inbox': 'blog' },
    });
  });

  it('of other settings is refused and left as it is', async () => {
    const manager = await jetstreamManager(inboxes.connection);
    await manager.streams.add({
      name: 'KV_blog_inbox',
      subjects: ['$KV.blog_inbox.>'],
      max_msgs_per_subject: 1,
      max_age: 1e9,
    });
    await expect(kvInbox({ connection: inboxes.connection, store: 'blog' })).rejects.toMatchObject({
      code: 'STREAM_MISMATCH',
      differences: expect.arrayContaining([
        expect.objectContaining({ setting: 'allow_msg_ttl' }),
        expect.objectContaining({ setting: 'max_age' }),
      ]),
    });
  });

  it('that is deleted keeps handlers from running', async () => {
    const { inbox } = await inboxes.process();
    const manager = await jetstreamManager(inboxes.connection);
    await manager.streams.delete('KV_blog_inbox');
    await expect(inbox.once(key, effect, { onDoubt })).rejects.toMatchObject({ code: 'INBOX_UNAVAILABLE' });
    expect(effects).toBe(0);
  });

  it('that is opened by many at once is made once', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => inboxes.process()));
    expect(all).toHaveLength(5);
  });
});

it('an entry that is not one of an inbox keeps the handler from running', async () => {
  const { inbox } = await inboxes.process();
  await inboxes.connection.request('$KV.blog_inbox.mail.e1', '{"state":"perhaps"}');
  await expect(inbox.once(key, effect, { onDoubt })).rejects.toMatchObject({
    code: 'INBOX_UNAVAILABLE',
    cause: { message: expect.stringMatching(/not one of an inbox/) },
  });
  expect(effects).toBe(0);
});

it('options that make no sense, and a store that is not there, are refused', async () => {
  const { connection } = inboxes;
  for (const wrong of [{ ttl: 10 }, { lease: 999 }, { wait: -1 }]) {
    await expect(kvInbox({ connection, store: 'blog', ...wrong })).rejects.toMatchObject({
      code: 'INVALID_INBOX',
      option: Object.keys(wrong)[0],
    });
  }
  await expect(kvInbox({ connection, store: 'nowhere' })).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' });
});

it('JetStream in a domain is reached by its prefix', async () => {
  const hub = await startNatsServer({ config: { jetstream: { domain: 'hub' } } });
  const there = await openInboxes(hub.url, 'blog');
  const one = await there.process({ domain: 'hub' });
  const other = await there.process({ domain: 'hub' });
  const refused = one.inbox.once(key, () => Promise.reject(new Error('away')), { onDoubt });
  await expect(refused).rejects.toThrow('away');
  expect(await other.inbox.once(key, effect, { onDoubt })).toBe('done');
  expect(await one.inbox.once(key, effect, { onDoubt })).toBe('repeated');
  await there.close();
  await hub.stop();
});
