import { createServer, connect as dial, type Socket } from 'node:net';
import type { NatsConnection } from '@nats-io/nats-core';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Mail, MailRequested, mail, topicEvents } from '../../testing/topic-contract.ts';
import { jetStreamTopics } from './jetstream-topics.ts';
import { connectTo, storedMessages } from './topics.fixture.ts';

let server: NatsServer;
let connection: NatsConnection;

beforeEach(async () => {
  server = await startNatsServer();
  connection = await connectTo(server.url);
});
afterEach(async () => {
  await connection.close();
  await server.stop();
});

const open = (over: NatsConnection) => jetStreamTopics({ connection: over, store: 'shop' });
const events = async () => topicEvents({ messages: () => storedMessages(connection, 'shop') });

describe('a server that is killed and comes back', () => {
  it('has stored every event once, and said so', async () => {
    const topics = await open(connection);
    const count = 2_000;
    const published: Promise<string>[] = [];
    for (let i = 0; i < count; i += 1) {
      published.push(
        topics.publish(Mail, `key-${i % 7}`, mail(String(i)), { timeout: 60_000 }).then(({ id }) => id),
      );
      if (i === 1_000) {
        await published[200];
        void server.kill().then(() => server.restart());
      }
    }
    const ids = await Promise.all(published);
    const stored = await events();
    expect(stored.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(count);
    topics.close();
  }, 90_000);

  it('is waited for up to the deadline, and then nothing was stored', async () => {
    const topics = await open(connection);
    await server.kill();
    const late = () => topics.publish(Mail, 'ada', mail('late'), { timeout: 300 });
    // The first may still be written to a connection whose end has not been seen yet.
    await expect(late()).rejects.toThrow();
    await expect(late()).rejects.toMatchObject({ code: 'TIMEOUT', timeout: 300 });
    const waiting = topics.publish(Mail, 'ada', mail('patient'), { timeout: 60_000 });
    await server.restart();
    const { id, position } = await waiting;
    expect(position).toBe(1);
    expect((await events()).map((event) => event.id)).toEqual([id]);
    topics.close();
  }, 90_000);
});

describe('an answer that gets lost', () => {
  /** Lets the first publish through and cuts the connection before its answer. */
  async function proxy() {
    const sockets = new Set<Socket>();
    const state = { cutAnswers: false, cuts: 0 };
    const listener = createServer((client) => {
      const upstream = dial(server.port, server.host);
      sockets.add(client).add(upstream);
      client.on('error', () => {}).on('close', () => upstream.destroy());
      upstream.on('error', () => {}).on('close', () => client.destroy());
      client.pipe(upstream);
      upstream.on('data', (chunk) => {
        if (state.cutAnswers && chunk.includes('"stream":"shop_topics"')) {
          state.cuts += 1;
          client.destroy();
        } else client.write(chunk);
      });
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const address = listener.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    return {
      state,
      url: `nats://127.0.0.1:${port}`,
      close() {
        for (const socket of sockets) socket.destroy();
        listener.close();
      },
    };
  }

  it('is asked for again under the same id, and the event is stored once', async () => {
    const way = await proxy();
    const cut = await connectTo(way.url);
    const topics = await open(cut);
    way.state.cutAnswers = true;
    const publishing = topics.publish(Mail, 'ada', mail());
    await expect.poll(() => way.state.cuts).toBe(1);
    way.state.cutAnswers = false;
    const { id, position, duplicate } = await publishing;
    expect({ position, duplicate }).toEqual({ position: 1, duplicate: true });
    expect((await events()).map((event) => event.id)).toEqual([id]);
    topics.close();
    await cut.close();
    way.close();
  });

  it('leaves the outcome open, and publishing again with the same id is safe', async () => {
    const way = await proxy();
    const cut = await connectTo(way.url);
    const topics = await open(cut);
    way.state.cutAnswers = true;
    const event = MailRequested.create({ to: 'ada', text: 'Hello' }, { id: 'e1' });
    await expect(topics.publish(Mail, 'ada', event, { timeout: 1_500 })).rejects.toMatchObject({
      code: 'PUBLISH_IN_DOUBT',
      eventId: 'e1',
      topic: 'mail',
      key: 'ada',
      message: expect.stringContaining('same id is safe'),
    });
    way.state.cutAnswers = false;
    expect(await topics.publish(Mail, 'ada', event)).toMatchObject({
      id: 'e1',
      position: 1,
      duplicate: true,
    });
    expect(await events()).toHaveLength(1);
    topics.close();
    await cut.close();
    way.close();
  }, 30_000);
});

describe('a connection that is closed', () => {
  it('fails what is published over it at once', async () => {
    const own = await connectTo(server.url);
    const topics = await open(own);
    await own.close();
    await expect(topics.publish(Mail, 'ada', mail())).rejects.toMatchObject({ code: 'CONNECTION' });
  });
});
