import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DeadLetters } from '../../dead-letters.ts';
import { type Blog, openBlog, Post, publish } from '../blog.fixture.ts';
import { createEffects, outOfOrder, readEffects } from './effects.fixture.ts';
import { type MemberOptions, once, titleOf } from './member-options.fixture.ts';
import { type Members, startMembers } from './members.fixture.ts';

const lease = 2_000;
const patience = { timeout: 150_000, interval: 100 };
let server: NatsServer;
let blog: Blog;
let members: Members;

beforeEach(async () => {
  server = await startNatsServer();
  blog = await openBlog(server, 'blog');
  await createEffects(blog.connection);
});
afterEach(async () => {
  await members.stop();
  await blog.close();
  await server.stop();
});

async function start(options: Partial<MemberOptions> = {}): Promise<void> {
  members = await startMembers(blog.connection, 3, {
    ...{ servers: [server.url], store: 'blog', group: 'crowd', order: 'key', lease },
    ...{ concurrency: 4, slowness: 5, attempts: 5, ...options },
  });
}

/** Three events to each of twenty posts; the second of some does something first. */
async function appendDeeds(deeds: ReadonlyMap<number, string>): Promise<number> {
  for (let key = 0; key < 20; key += 1) {
    const titles = ['Hello', deeds.get(key) ?? 'Hello', 'Hello'];
    await blog.store.append(Post, `p${key}`, titles.map(publish));
  }
  return blog.store.position();
}

/** Of effects that happened twice, both. */
async function handledPositions(): Promise<number[]> {
  const effects = (await readEffects(blog.connection)).filter(({ key }) => key !== once);
  expect(outOfOrder(effects)).toEqual([]);
  return effects.map(({ position }) => position).sort((a, b) => a - b);
}

async function untilDone(last: number): Promise<void> {
  const end = { ack_floor: { stream_seq: last }, num_ack_pending: 0 };
  await expect.poll(() => blog.consumer('crowd'), patience).toMatchObject(end);
}

async function deadLetters(): Promise<DeadLetters> {
  return (await blog.instance(lease)).deadLetters;
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

it('a handler that eats its event loop for longer than the lease costs no event, no order and no second effect, and is told of', async () => {
  await start({ inbox: 10_000 });
  const long = titleOf('block', { milliseconds: 2.5 * lease });
  const last = await appendDeeds(new Map([3, 8, 15].map((key) => [key, long])));
  await untilDone(last);
  expect(await handledPositions()).toEqual(upTo(last));
  const said = /(by this process no more|gives up \d+ handlers here).* could do nothing/;
  expect(members.log).toContainEqual(expect.stringMatching(said));
  expect(await Array.fromAsync((await deadLetters()).list({ state: 'all' }))).toEqual([]);
}, 240_000);

it('a handler that ends its process costs no event, no order and no second effect, and is told of', async () => {
  await start({ inbox: 4_000 });
  const last = await appendDeeds(new Map([2, 7, 12, 17].map((key) => [key, titleOf('exit')])));
  await untilDone(last);
  expect(members.ends).toBeGreaterThanOrEqual(1);
  expect(members.log).toContainEqual(
    expect.stringMatching(/warn: crowd: the handler of .* was cut off at work/),
  );
  expect(await handledPositions()).toEqual(upTo(last));
  expect(await Array.fromAsync((await deadLetters()).list({ state: 'all' }))).toEqual([]);
}, 240_000);

it('an event that ends its process each time is a dead letter in the end, also when redriven, and the others are handled', async () => {
  await start();
  const last = await appendDeeds(new Map([[10, titleOf('exit', { always: true })]]));
  await untilDone(last);
  const dead = 32;
  expect(await handledPositions()).toEqual(upTo(last).filter((at) => at !== dead && at !== dead + 1));
  const letters = await deadLetters();
  const [letter, parked, ...more] = await Array.fromAsync(letters.list({ state: 'all' }));
  expect([letter?.position, letter?.state]).toEqual([dead, 'dead']);
  expect([parked?.position, parked?.state, more]).toEqual([dead + 1, 'parked', []]);
  expect(letter?.attempts).toBeGreaterThanOrEqual(5);
  expect(letter?.errors.at(-1)?.name).toBe('ProcessDied');

  const id = letter?.id ?? '';
  const at = letter?.at ?? new Date();
  await letters.redrive(id);
  await expect.poll(async () => (await letters.get(id))?.at, patience).not.toEqual(at);
  const again = await letters.get(id);
  expect(again?.state).toBe('dead');
  expect(again?.errors.length).toBeGreaterThan(letter?.errors.length ?? 0);
  await letters.discard(id);
  await expect.poll(handledPositions, patience).toEqual(upTo(last).filter((one) => one !== dead));
}, 400_000);
