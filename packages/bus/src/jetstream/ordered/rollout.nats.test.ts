import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../testing/until.ts';
import { type Blog, Joined, openBlog, Post, publish, Renamed, User } from '../blog.fixture.ts';

let server: NatsServer;
let blog: Blog;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());
afterEach(() => blog.close());

const lease = 2_000;
const patience = { timeout: 20_000, interval: 10 };

describe('an ordered group whose leader is of an older release', () => {
  it('handles events of aggregates that only newer members know in order, also those from before they came', async () => {
    blog = await openBlog(server, 'newer');
    const older = (await blog.instance(lease)).subscribe({
      group: 'mail',
      on: { 'post-published': () => {} },
    });
    await older.ready;
    await blog.store.append(Post, 'p1', publish('Hello'));
    await until(async () => (await blog.consumer('mail')).ack_floor.stream_seq === 1);
    const newer = async (seen: number[]) =>
      (await blog.instance(lease)).subscribe({
        group: 'mail',
        on: { 'user-joined': ({ position }) => void seen.push(position) },
      });
    const join = async (id: string) => blog.store.append(User, id, Joined.create({ name: 'Ada' }));
    const seen: number[] = [];
    const first = await newer(seen);
    await first.ready;
    for (let count = 0; count < 10; count += 1) await join('u1');
    await until(() => seen.length === 10);
    await first.stop();
    for (let count = 0; count < 10; count += 1) await join('u1');
    await until(() => blog.log.some(({ message }) => message.includes('has no handler for user-joined')));
    await (await newer(seen)).ready;
    for (let count = 0; count < 10; count += 1) await join('u1');
    await until(() => seen.length >= 30);
    expect(seen).toEqual(Array.from({ length: 30 }, (_, index) => index + 2));
    expect(await Array.fromAsync((await blog.instance()).deadLetters.list({ state: 'all' }))).toEqual([]);
  }, 60_000);

  it('passes over no event that a member which is there has a handler for', async () => {
    blog = await openBlog(server, 'living');
    const seen = new Set<number>();
    const handlers = {
      'post-published': () => {},
      'post-renamed': ({ position }: { position: number }) => void seen.add(position),
    };
    const first = (await blog.instance(lease)).subscribe({ group: 'mail', on: handlers });
    await first.ready;
    await blog.store.append(Post, 'p0', publish('Hello'));
    await until(async () => (await blog.consumer('mail')).ack_floor.stream_seq === 1);
    const older = (await blog.instance(lease)).subscribe({
      group: 'mail',
      on: { 'post-published': () => {} },
    });
    await older.ready;
    await until(async () => (await blog.consumer('mail')).num_waiting >= 1);
    await (await blog.instance(lease)).subscribe({ group: 'mail', on: handlers }).ready;
    const leads = new Set<string>();
    blog.connection.subscribe('pipit.living.group.mail', {
      callback: (_, msg) => void leads.add(msg.json<{ leader: string }>().leader),
    });
    await expect.poll(() => leads.size, patience).toBe(1);
    const stopped = first.stop();
    for (let count = 0; count < 100; count += 1) {
      await blog.store.append(Post, `p${count % 10}`, Renamed.create({ title: 'Hello' }));
    }
    await stopped;
    await until(async () => (await blog.consumer('mail')).ack_floor.stream_seq === 101);
    expect(seen.size).toBe(100);
  }, 60_000);
});
