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

it('an error larger than a message, or that throws when it is looked at, is told by a member that does not lead', async () => {
  blog = await openBlog(server, 'large');
  const throwing = Object.defineProperty(new Error(), 'code', {
    get: () => {
      throw new Error('do not look');
    },
  });
  const errors = [new Error('x'.repeat(10 * 2 ** 20)), throwing];
  const tried = new Set<number>();
  const buses = [await blog.instance(2_000), await blog.instance(2_000)];
  for (const [index, bus] of buses.entries()) {
    const handle = ({ position }: { position: number }) => {
      tried.add(index);
      throw errors[position % errors.length];
    };
    await bus.subscribe({ group: 'mail', retry: { attempts: 1 }, on: { 'post-published': handle } }).ready;
  }
  let count = 0;
  await until(async () => {
    count += 1;
    await blog.store.append(Post, `p${count}`, publish('Hello'));
    return tried.size === 2 && count >= 20;
  });
  const list = () => Array.fromAsync(buses[0]?.deadLetters.list() ?? []);
  await until(async () => (await list()).length === count);
  for (const { attempts, errors: failures } of await list()) {
    expect(attempts).toBe(1);
    expect(JSON.stringify(failures).length).toBeLessThan(10_000);
  }
});
