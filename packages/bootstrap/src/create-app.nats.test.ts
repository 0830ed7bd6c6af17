import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from './create-app.ts';
import { listeningLogger, Post, Published, titles } from './post.fixture.ts';

const aggregates = [Post];
const signals = false;
const env = {};
const { logger: quiet } = listeningLogger();

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());

describe('an application', () => {
  it('hands out store, bus and projections that work together', async () => {
    const view = titles();
    await using app = await createApp({
      name: 'together',
      aggregates,
      projections: [view],
      nats: { url: server.url },
      logger: quiet,
      signals,
      env,
    });
    const delivered = Promise.withResolvers<string>();
    app.bus.subscribe({
      group: 'search',
      on: { 'post-published': ({ data }) => delivered.resolve(data.title) },
    });

    const { position } = await app.store.append(Post, 'p1', Published.create({ title: 'Hello' }));
    await app.projections.waitFor(position);
    expect(await view.repository.get('p1')).toBe('Hello');
    expect(await delivered.promise).toBe('Hello');
    expect(app.projections.of(view).position).toBe(position);
    expect([...app.projections].map(({ name }) => name)).toEqual(['titles']);
    expect(() => app.projections.of(titles())).toThrow(/titles does not run here/);
    expect(app.connected).toBe(true);
    expect(app.config).toMatchObject({
      nats: { servers: [server.url], login: undefined },
      dataDir: '.pipit',
    });
  });

  it('stops in the reverse order of its start, parts of the user first, and only once', async () => {
    const { lines, logger } = listeningLogger();
    const nats = { url: server.url };
    const app = await createApp({
      name: 'order',
      aggregates,
      projections: [titles()],
      alerts: { deadLettered: () => {}, close: async () => {} },
      nats,
      logger,
      signals,
      env,
    });
    app.onStop('database', () => {});
    app.onStop('http', async () => {
      // What a request under way needs is still there.
      await app.store.append(Post, 'p1', Published.create({ title: 'last' }));
    });
    await Promise.all([app.stop(), app.stop()]);
    await app.stop();

    const stopped = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'stopped');
    expect(stopped.map(({ part }) => part)).toEqual([
      'http',
      'database',
      'sagas',
      'projections',
      'commands',
      'bus',
      'alerts',
      'store',
      'operations',
      'connection',
      'nats-server',
    ]);
    expect(app.connected).toBe(false);
    expect(app.connection.isClosed()).toBe(true);
    await expect(app.store.load(Post, 'p1')).rejects.toThrow(/closed/);
    await expect.poll(() => connectionsOf(server, 'order')).toBe(0);
  });

  it('says when its last acknowledgements may not have arrived, and stops in good order', async () => {
    const { lines, logger } = listeningLogger();
    const app = await createApp({
      name: 'unsent',
      aggregates,
      nats: { url: server.url },
      logger,
      signals,
      env,
    });
    app.connection.flush = () => Promise.reject(new Error('broken pipe'));
    await app.stop();
    const warnings = lines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 40);
    expect(warnings).toMatchObject([
      { level: 40, msg: expect.stringMatching(/last acknowledgements/), err: { message: 'broken pipe' } },
    ]);
    expect(app.connection.isClosed()).toBe(true);
  });

  it('says when the connection is lost and when it is back', async () => {
    const { lines, logger } = listeningLogger();
    const own = await startNatsServer();
    await using app = await createApp({
      name: 'outage',
      aggregates,
      nats: { url: own.url },
      logger,
      signals,
      env,
    });
    await own.kill();
    await expect.poll(() => app.connected).toBe(false);
    await own.restart();
    await expect.poll(() => app.connected).toBe(true);
    await app.store.append(Post, 'p1', Published.create({ title: 'after' }));
    expect(lines.join('')).toMatch(/lost the connection to NATS[\s\S]*connected to NATS again/);
    await app.stop();
    await own.stop();
  });

  it('stops in bounded time while the server is away', async () => {
    const own = await startNatsServer();
    const app = await createApp({
      name: 'away',
      aggregates,
      projections: [titles()],
      nats: { url: own.url },
      logger: quiet,
      stopTimeout: 2_000,
      signals,
      env,
    });
    const subscription = app.bus.subscribe({ group: 'g', on: { 'post-published': () => {} } });
    await subscription.ready;
    await own.kill();
    await expect.poll(() => app.connected).toBe(false);
    const begun = performance.now();
    await app.stop();
    // Each part may take half a second more than all together; without the limit it would be ten seconds.
    expect(performance.now() - begun).toBeLessThan(9_000);
    expect(app.connection.isClosed()).toBe(true);
    await own.stop();
  });
});

describe('without NATS_URL', () => {
  it('runs a server of its own, and keeps everything in its folder', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'pipit-app-'));
    const options = { name: 'local', aggregates, dataDir, logger: quiet, signals, env };
    const first = await createApp(options);
    await first.store.append(Post, 'p1', Published.create({ title: 'kept' }));
    await expect(createApp(options)).rejects.toMatchObject({ code: 'STORE_IN_USE' });
    await first.stop();

    const second = await createApp(options);
    expect(await second.store.load(Post, 'p1')).toMatchObject({ revision: 1, state: { title: 'kept' } });
    await second.stop();
  });

  it('starts that server again when it ends, with all it has acknowledged, and says so', async () => {
    const { lines, logger } = listeningLogger();
    const dataDir = await mkdtemp(join(tmpdir(), 'pipit-app-'));
    const options = { name: 'revived', aggregates, dataDir, syncInterval: 'always', signals, env } as const;
    await using app = await createApp({ ...options, logger });
    const said = (message: RegExp) =>
      lines.map((line) => JSON.parse(line)).findLast(({ msg }) => message.test(msg));
    expect(said(/running a local nats-server/)).toMatchObject({
      version: expect.stringMatching(/^2\./),
      syncInterval: 'always',
    });
    expect(said(/opened the store/)).toMatchObject({ store: 'revived', replicas: 1, storage: 'file' });

    await app.store.append(Post, 'p1', Published.create({ title: 'kept' }));
    process.kill(said(/running a local nats-server/).serverPid, 'SIGKILL');
    await expect.poll(async () => (await app.health()).ready).toBe(false);
    await expect.poll(async () => (await app.health()).ready).toBe(true);
    expect(said(/background process has failed/)).toMatchObject({ process: 'nats-server', level: 40 });
    expect(said(/runs again/)).toMatchObject({ serverPid: expect.any(Number) });
    expect(await app.store.load(Post, 'p1')).toMatchObject({ revision: 1, state: { title: 'kept' } });
    await app.store.append(Post, 'p1', Published.create({ title: 'goes on' }));
  });

  it('ends that server when a later part does not start', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'pipit-app-'));
    const options = { name: 'local', aggregates, dataDir, logger: quiet, signals, env };
    await (await createApp(options)).stop();
    await expect(createApp({ ...options, layout: 'event' })).rejects.toMatchObject({
      code: 'STREAM_MISMATCH',
    });
    // The folder would be in use.
    await (await createApp(options)).stop();
  });
});

async function connectionsOf({ monitorUrl }: NatsServer, name: string): Promise<number> {
  const response = await fetch(`${monitorUrl}/connz`);
  const { connections } = (await response.json()) as { connections: { name?: string }[] };
  return connections.filter((connection) => connection.name === name).length;
}
