import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../testing/until.ts';
import { type Blog, openBlog, Post, publish } from './blog.fixture.ts';

let server: NatsServer;
let blog: Blog;

beforeEach(async () => {
  server = await startNatsServer();
  blog = await openBlog(server, 'blog');
});
afterEach(async () => {
  await blog.close();
  await server.stop();
});

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

describe.each(['key', 'none'] as const)('a bus with a group of order %s', (order) => {
  it('stops at once where the server is gone and no handler is under way', async () => {
    const bus = await blog.instance();
    let seen = 0;
    const handle = () => {
      seen += 1;
      if (seen === 2) throw new Error('not yet');
    };
    bus.subscribe({ group: 'mail', order, retry: { backoff: 60_000 }, on: { 'post-published': handle } });
    await blog.store.append(Post, 'p1', publish('a'));
    await blog.store.append(Post, 'p2', publish('b'));
    await until(() => seen === 2);
    await server.stop();
    expect(await milliseconds(() => bus.stop())).toBeLessThan(1_000);
  });

  it('stops in its time where the server is gone and a handler hangs', async () => {
    const bus = await blog.instance();
    const reasons: unknown[] = [];
    const hang = (_: unknown, { signal }: { signal: AbortSignal }) => {
      signal.addEventListener('abort', () => reasons.push(signal.reason));
      reasons.push('begun');
      return new Promise(() => {});
    };
    const subscription = bus.subscribe({ group: 'mail', order, on: { 'post-published': hang } });
    await blog.store.append(Post, 'p1', publish('a'));
    await until(() => reasons.length === 1);
    await server.stop();
    const took = await milliseconds(() => bus.stop({ timeout: 500 }));
    expect(took).toBeGreaterThan(450);
    expect(took).toBeLessThan(1_500);
    expect(reasons[1]).toMatchObject({ code: 'STOPPED' });
    await subscription.closed;
  });

  it('waits for a handler that ends in time, though the server is gone, and no longer', async () => {
    const bus = await blog.instance();
    const end = Promise.withResolvers<void>();
    let state = '';
    const handle = async () => {
      state = 'begun';
      await end.promise;
      state = 'ended';
    };
    bus.subscribe({ group: 'mail', order, on: { 'post-published': handle } });
    await blog.store.append(Post, 'p1', publish('a'));
    await until(() => state === 'begun');
    await server.stop();
    const stopping = bus.stop();
    end.resolve();
    expect(await milliseconds(() => stopping)).toBeLessThan(1_500);
    expect(state).toBe('ended');
  });
});

it('a process that stops while the server is gone ends', async () => {
  const program = fileURLToPath(new URL('leaving-process.fixture.ts', import.meta.url));
  const child = fork(program, [server.url], { execArgv: [] });
  await once(child, 'message');
  await server.stop();
  child.send('stop');
  const [code] = await once(child, 'exit', { signal: AbortSignal.timeout(15_000) });
  expect(code).toBe(0);
});
