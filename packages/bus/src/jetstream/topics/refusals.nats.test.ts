import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mail, mail } from '../../testing/topic-contract.ts';
import { jetStreamSchedules } from '../schedules/jetstream-schedules.ts';
import { jetStreamTopics } from './jetstream-topics.ts';
import { connectTo } from './topics.fixture.ts';

let server: NatsServer;
let connection: NatsConnection;

const shop = {
  users: [
    { user: 'all', password: 'all' },
    {
      user: 'reader',
      password: 'reader',
      permissions: { publish: { deny: ['shop_topics.>', 'shop_timers.>', '$JS.API.STREAM.PURGE.>'] } },
    },
    { user: 'guest', password: 'guest', permissions: { publish: { deny: ['$JS.API.STREAM.CREATE.>'] } } },
  ],
};

beforeAll(async () => {
  server = await startNatsServer({ config: { authorization: shop } as never });
  connection = await as('all');
});
afterAll(async () => {
  await connection.close();
  await server.stop();
});

const as = (user: string) => connect({ servers: server.url, user, pass: user });

describe('a stream of the name that is there', () => {
  it('with other settings is refused with all that differs, and left as it is', async () => {
    const manager = await jetstreamManager(connection);
    const { config } = await manager.streams.add({ name: 'other_topics', subjects: ['other_topics.>'] });
    const opening = { connection, store: 'other' };
    for (const open of [jetStreamTopics, jetStreamSchedules]) {
      const error = await open(opening).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ code: 'STREAM_MISMATCH', stream: 'other_topics' });
      const { differences } = error as { readonly differences: readonly { readonly setting: string }[] };
      expect(differences.map(({ setting }) => setting)).toEqual([
        'subjects',
        'deny_delete',
        'allow_direct',
        'allow_msg_schedules',
        'allow_msg_ttl',
        'metadata.pipit-stream',
      ]);
    }
    expect((await manager.streams.info('other_topics')).config).toEqual(config);
  });

  it('with settings that promise nothing is used as it is', async () => {
    const first = await jetStreamTopics({
      connection,
      store: 'aged',
      stream: { max_age: 86_400_000_000_000 },
    });
    const second = await jetStreamTopics({ connection, store: 'aged' });
    await first.publish(Mail, 'ada', mail());
    expect(await second.publish(Mail, 'ada', mail())).toMatchObject({ position: 2 });
    const manager = await jetstreamManager(connection);
    expect((await manager.streams.info('aged_topics')).config.max_age).toBe(86_400_000_000_000);
  });

  it('says what is not as asked', async () => {
    await jetStreamTopics({ connection, store: 'single' });
    const lines: string[] = [];
    const line = (_: object, message: string) => void lines.push(message);
    const stream = { num_replicas: 3 };
    const logger = { info: line, warn: line, error: line };
    await jetStreamTopics({ connection, store: 'single', stream, logger });
    expect(lines).toEqual([
      'Stream single_topics is not as asked and was left as it is: num_replicas is 1, not 3',
    ]);
  });

  it('is made once by many that open it together', async () => {
    const opening = Array.from({ length: 5 }, () => jetStreamTopics({ connection, store: 'rush' }));
    for (const topics of await Promise.all(opening)) await topics.publish(Mail, 'ada', mail());
  });
});

it('refuses settings that are not to choose, and names no store can have', async () => {
  const settings = { max_bytes: 5, deny_delete: false } as never;
  await expect(jetStreamTopics({ connection, store: 'shop', stream: settings })).rejects.toMatchObject({
    code: 'INVALID_TOPIC',
    message: expect.stringContaining('max_bytes, deny_delete'),
  });
  await expect(jetStreamTopics({ connection, store: 'a.b' })).rejects.toMatchObject({
    code: 'INVALID_SUBJECT_TOKEN',
  });
});

it('says what the connection may not do, and at once', async () => {
  const [reader, guest] = [await as('reader'), await as('guest')];
  await jetStreamTopics({ connection, store: 'shop' });
  const topics = await jetStreamTopics({ connection: reader, store: 'shop' });
  await expect(topics.publish(Mail, 'ada', mail())).rejects.toMatchObject({
    code: 'PUBLISH_REFUSED',
    errorCode: 403,
  });
  const schedules = await jetStreamSchedules({ connection: reader, store: 'shop' });
  const refused = { code: 'SCHEDULE_REFUSED', errorCode: 403, id: 'soon' };
  await expect(schedules.at('soon', new Date(), Mail, 'ada', mail())).rejects.toMatchObject(refused);
  await expect(schedules.cancel('soon')).rejects.toMatchObject(refused);
  await expect(jetStreamTopics({ connection: guest, store: 'new' })).rejects.toMatchObject({
    code: 'TOPIC_STREAM_REFUSED',
    errorCode: 403,
  });
  await Promise.all([reader.close(), guest.close()]);
});

it('names the stream that takes no more', async () => {
  const topics = await jetStreamTopics({ connection, store: 'small' });
  const manager = await jetstreamManager(connection);
  await manager.streams.update('small_topics', { max_msg_size: 100 });
  await expect(topics.publish(Mail, 'ada', mail())).rejects.toMatchObject({
    code: 'PUBLISH_REFUSED',
    stream: 'small_topics',
    errorCode: 10054,
  });
});

it('refuses a server without JetStream', async () => {
  const plain = await startNatsServer({ jetStream: false });
  const over = await connectTo(plain.url);
  await expect(jetStreamTopics({ connection: over, store: 'shop' })).rejects.toMatchObject({
    code: 'CONNECTION',
    reason: 'jetstream-disabled',
  });
  await over.close();
  await plain.stop();
});

/** Answers as a server of some release does to what is asked before anything is made. */
async function answering(answers: Readonly<Record<string, object>>) {
  const plain = await startNatsServer({ jetStream: false });
  const over = await connectTo(plain.url);
  for (const [subject, answer] of Object.entries(answers))
    over.subscribe(subject, { callback: (_, message) => void message.respond(JSON.stringify(answer)) });
  return {
    over,
    async close() {
      await over.close();
      await plain.stop();
    },
  };
}

it('refuses a server that is too old, before it makes anything there', async () => {
  for (const api of [
    { total: 1, errors: 0 },
    { level: 1, total: 1, errors: 0 },
  ]) {
    const old = await answering({ '$JS.API.INFO': { type: 'account_info', api } });
    await expect(jetStreamTopics({ connection: old.over, store: 'shop' })).rejects.toMatchObject({
      code: 'UNSUPPORTED_SERVER',
      message: expect.stringContaining('upgrade the server'),
    });
    await old.close();
  }
});

it('refuses a server that drops a setting without a word', async () => {
  const dropping = await answering({
    '$JS.API.INFO': { api: { level: 2, total: 1, errors: 0 } },
    '$JS.API.STREAM.INFO.*': {
      error: { code: 404, err_code: 10059, description: 'stream not found' },
    },
    '$JS.API.STREAM.CREATE.shop_topics': { config: { name: 'shop_topics' }, state: {} },
  });
  await expect(jetStreamTopics({ connection: dropping.over, store: 'shop' })).rejects.toMatchObject({
    code: 'UNSUPPORTED_SERVER',
    missing: expect.arrayContaining(['stream setting allow_msg_schedules']),
  });
  await dropping.close();
});

it('says what to do where a server takes dates but no expressions', async () => {
  await jetStreamTopics({ connection, store: 'dates' });
  const info = await (await jetstreamManager(connection)).streams.info('dates_topics');
  const invalid = { code: 400, err_code: 10189, description: 'message schedules pattern is invalid' };
  const first = await answering({
    '$JS.API.INFO': { api: { level: 2, total: 1, errors: 0 } },
    '$JS.API.STREAM.INFO.dates_topics': info,
    '$JS.API.STREAM.MSG.GET.dates_topics': {
      error: { code: 404, err_code: 10037, description: 'no message found' },
    },
    'dates_timers.*': { error: invalid },
  });
  const schedules = await jetStreamSchedules({ connection: first.over, store: 'dates' });
  await expect(schedules.cron('daily', '@daily', Mail, 'ada', mail())).rejects.toMatchObject({
    code: 'SCHEDULE_REFUSED',
    errorCode: 10189,
    message: expect.stringContaining('upgrade every server'),
  });
  schedules.close();
  await first.close();
});
