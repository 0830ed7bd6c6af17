import { once } from 'node:events';
import { createServer } from 'node:net';
import { jetstreamManager } from '@nats-io/jetstream';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { defineProjection } from '@pipit/projection';
import { memoryRepository } from '@pipit/projection/memory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppOptions } from './app.ts';
import { definePart } from './lifecycle/part.ts';
import { Post, Published, titles } from './post.fixture.ts';
import { startApp } from './starting-app.fixture.ts';

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());

function open(name: string, options: Partial<AppOptions<typeof Post>> = {}) {
  return startApp(name, { nats: { url: server.url }, ...options }).starting;
}

describe('the health of an application', () => {
  it('is that of its parts, its own and the user’s', async () => {
    let broken = false;
    const database = definePart('database', {
      start: () => {},
      check: () => {
        if (broken) throw new Error('the disk is full');
      },
    });
    await using app = await open('parts', { parts: [database], projections: [titles()] });
    await app.projections.caughtUp();
    expect(await app.health()).toEqual({
      ready: true,
      parts: [
        'database',
        'nats-server',
        'connection',
        'operations',
        'store',
        'alerts',
        'bus',
        'commands',
        'projections',
        'sagas',
      ].map((name) => ({ name, state: 'ready' })),
    });
    broken = true;
    const { ready, parts } = await app.health();
    expect(ready).toBe(false);
    expect(parts[0]).toEqual({ name: 'database', state: 'not-ready', reason: 'the disk is full' });
  });

  it('shows a server that is frozen before the client notices, and one that is back', async () => {
    await using app = await open('frozen');
    process.kill(server.pid, 'SIGSTOP');
    const unfit = async () => (await app.health()).parts.filter(({ state }) => state !== 'ready');
    await expect.poll(unfit).toEqual([
      { name: 'connection', state: 'not-ready', reason: expect.stringMatching(/Checking connection/) },
      { name: 'store', state: 'not-ready', reason: expect.stringMatching(/Checking store/) },
    ]);
    expect(app.connected).toBe(true);
    process.kill(server.pid, 'SIGCONT');
    await expect.poll(async () => (await app.health()).ready).toBe(true);
  });

  it('shows a stream that is gone, or was made anew by somebody', async () => {
    await using app = await open('gone');
    await (await jetstreamManager(app.connection)).streams.delete('gone');
    await expect
      .poll(async () => (await app.health()).parts.find(({ name }) => name === 'store'))
      .toMatchObject({ state: 'not-ready' });
  });

  it('shows a projection that has failed, and where', async () => {
    const failing = defineProjection({
      name: 'failing',
      from: [Post],
      on: {
        'post-published': () => {
          throw new Error('cannot be');
        },
      },
      into: memoryRepository<string>(),
    });
    await using app = await open('failing', { projections: [failing] });
    await app.store.append(Post, 'p1', Published.create({ title: 'x' }));
    await expect
      .poll(async () => (await app.health()).parts.find(({ name }) => name === 'projections'))
      .toEqual({
        name: 'projections',
        state: 'not-ready',
        reason: 'failing: failed, at position 0',
      });
  });

  it('tells no secret that an error holds', async () => {
    await using app = await open('telling');
    app.supervise(
      'database',
      () => {
        throw new Error('cannot reach postgres://ada:hunter2@host/db');
      },
      { limit: 1 },
    );
    const told = async () => (await app.health()).parts.find(({ name }) => name === 'database')?.reason;
    await expect.poll(told).toBe('cannot reach postgres://[Redacted]@host/db');
  });

  it('shows a background process that is given up; the application stops it with all else', async () => {
    await using app = await open('processes');
    let ended = false;
    app.supervise('steady', async (signal) => {
      await once(signal, 'abort');
      // What it uses is still there.
      await app.store.load(Post, 'p1');
      ended = true;
    });
    app.supervise('broken', () => Promise.reject(new Error('always')), { limit: 2, backoff: 1 });
    const states = async () => (await app.health()).parts.slice(-2);
    await expect.poll(states).toEqual([
      { name: 'steady', state: 'ready' },
      { name: 'broken', state: 'failed', reason: 'always' },
    ]);
    expect((await app.health()).ready).toBe(false);
    await app.stop();
    expect(ended).toBe(true);
    const { ready, parts } = await app.health();
    expect(ready).toBe(false);
    expect(new Set(parts.map(({ state }) => state))).toEqual(new Set(['stopping', 'ready', 'failed']));
  });
});

describe('a part that is started later', () => {
  it('is tried again until it can be, and told to stop first', async () => {
    const app = await open('later');
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    let tries = 0;
    const http = definePart('http', {
      async start() {
        tries += 1;
        const listening = createServer().listen(port, '127.0.0.1');
        await once(listening, 'listening');
        return listening;
      },
      stop: (listening) => listening.close(),
      mayPass: (error) => (error as NodeJS.ErrnoException).code === 'EADDRINUSE',
    });
    const starting = app.start(http);
    await expect.poll(() => tries).toBeGreaterThan(1);
    taken.close();
    const listening = await starting;
    expect(app.get(http)).toBe(listening);
    await app.stop();
    expect(listening.listening).toBe(false);
  });

  it('fails without harm to the application', async () => {
    await using app = await open('unharmed');
    const broken = definePart('broken', { start: () => Promise.reject(new Error('no')) });
    await expect(app.start(broken)).rejects.toThrow('no');
    expect(await app.health()).toMatchObject({ ready: true });
    await app.store.append(Post, 'p1', Published.create({ title: 'x' }));
  });
});

it('a configuration is read once: options beside it are refused', async () => {
  const refused = open('twice', { config: {} as never, dataDir: 'x' });
  await expect(refused).rejects.toMatchObject({
    code: 'CONFIG',
    problems: [
      { field: 'nats', message: expect.stringMatching(/beside config/) },
      { field: 'dataDir', message: expect.stringMatching(/readConfig/) },
    ],
  });
});
