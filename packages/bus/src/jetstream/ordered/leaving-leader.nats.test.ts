import type { ConsumerInfo } from '@nats-io/jetstream';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { until } from '../../testing/until.ts';
import { type Blog, openBlog, Post, publish } from '../blog.fixture.ts';

let server: NatsServer;
let blog: Blog;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());
afterEach(() => blog.close());

interface PriorityState {
  readonly priority_groups?: readonly { readonly pinned_client_id?: string }[];
}

async function pinned(): Promise<string | undefined> {
  const { priority_groups: [leaders] = [] }: ConsumerInfo & PriorityState = await blog.consumer('mail');
  return leaders?.pinned_client_id || undefined;
}

/** Those of one post; the event of the other is handled whenever there is room. */
const ofFirstPost = (positions: readonly number[]) => positions.filter((position) => position !== 3);

/** A leader that handles a first event until it is told to end, while it leaves, and a member that is left. */
async function leave(lease: number) {
  const seen: number[] = [];
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const leader = (await blog.instance(lease)).subscribe({
    group: 'mail',
    concurrency: 2,
    on: {
      'post-published': async ({ position }) => {
        begun.resolve();
        await end.promise;
        seen.push(position);
      },
    },
  });
  await leader.ready;
  await blog.store.append(Post, 'p1', publish('Hello'));
  await begun.promise;
  const old = await pinned();
  const member = (await blog.instance(lease)).subscribe({
    group: 'mail',
    on: { 'post-published': ({ position }) => void seen.push(position) },
  });
  await member.ready;
  await until(async () => (await blog.consumer('mail')).num_waiting >= 1);
  const stopped = leader.stop({ timeout: 20_000 });
  await blog.store.append(Post, 'p1', publish('Hello'));
  await blog.store.append(Post, 'p2', publish('Hello'));
  return { seen, old, end: end.resolve, stopped };
}

it('a leader that leaves lets another one be pinned at once, while its handlers end', async () => {
  blog = await openBlog(server, 'at-once');
  // Without that, after 0.4 of it: later than the test waits.
  const { seen, old, end, stopped } = await leave(60_000);
  await until(async () => ![undefined, old].includes(await pinned()));
  expect(seen).toEqual([]);
  end();
  await stopped;
  await until(() => seen.length === 3);
  expect(ofFirstPost(seen)).toEqual([1, 2]);
}, 60_000);

it('a leader that has left does not unpin the next one', async () => {
  blog = await openBlog(server, 'not-the-next');
  const { seen, old, end, stopped } = await leave(3_000);
  await until(async () => ![undefined, old].includes(await pinned()));
  const next = await pinned();
  end();
  await stopped;
  await until(() => seen.length === 3);
  expect([ofFirstPost(seen), await pinned()]).toEqual([[1, 2], next]);
  expect(blog.log.filter(({ message }) => message.includes('led by this process no more'))).toEqual([]);
}, 60_000);

it('a member that leaves before anything has come does not keep the first event from the next one', async () => {
  blog = await openBlog(server, 'idle');
  const idle = (await blog.instance(60_000)).subscribe({ group: 'mail', on: { 'post-published': () => {} } });
  await idle.ready;
  await until(async () => (await blog.consumer('mail')).num_waiting === 1);
  await idle.stop();
  await blog.store.append(Post, 'p1', publish('Hello'));
  const seen: number[] = [];
  const next = (await blog.instance(60_000)).subscribe({
    group: 'mail',
    on: { 'post-published': ({ position }) => void seen.push(position) },
  });
  await next.ready;
  // Without that, after 0.4 of the lease: later than the test waits.
  await until(() => seen.length === 1);
}, 20_000);
