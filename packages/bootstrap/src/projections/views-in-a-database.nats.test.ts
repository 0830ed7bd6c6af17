import { PGlite } from '@electric-sql/pglite';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { defineProjection } from '@pipit/projection';
import { pgliteDatabase, postgresRepository } from '@pipit/projection/postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AppOptions } from '../app.ts';
import { definePart } from '../lifecycle/part.ts';
import { Post, Published, titles } from '../post.fixture.ts';
import { startApp } from '../starting-app.fixture.ts';

let server: NatsServer;
let pglite: PGlite;
beforeAll(async () => {
  [server, pglite] = await Promise.all([startNatsServer(), PGlite.create()]);
});
afterAll(async () => {
  await server.stop();
  if (!pglite.closed) await pglite.close();
});

const rowsIn = (database: PGlite, name = 'titles') =>
  postgresRepository({ db: pgliteDatabase(database), name, row: z.string() });

function app(name: string, options: Partial<AppOptions<typeof Post>>) {
  return startApp(name, { nats: { url: server.url }, ...options });
}

describe('views in a database', () => {
  it('are read through the application, and closed after its projections have let go of them', async () => {
    const rows = rowsIn(pglite);
    const projection = titles(rows);
    const order: string[] = [];
    const network = definePart('network', { start: () => {}, stop: () => order.push('network') });
    const database = definePart('database', {
      needs: { network },
      start: () => projection,
      async stop() {
        order.push('database');
        const version = await rows.versions.open(1, { shards: 1 });
        // Nobody owns it any more, so that whoever comes next need not wait for a lease to end.
        const owned = await version.claim(0, 'the next process', 1_000);
        expect(owned?.checkpoint).toBe(1);
        await owned?.release();
      },
    });
    const { starting, lines } = app('kept', {
      parts: [database],
      projections: (get) => [get(database)],
    });
    const running = await starting;
    running.onStop('http', () => order.push('http'));
    const view = running.view(projection);
    await view.waitFor(await running.store.append(Post, 'p1', Published.create({ title: 'Hello' })));
    expect(await view.get('p1')).toBe('Hello');
    expect(await view.position()).toBe(1);
    await running.stop();
    expect(order).toEqual(['http', 'database', 'network']);
    const stopped = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'stopped');
    expect(stopped.map(({ part }) => part).slice(-3)).toEqual(['nats-server', 'database', 'network']);
  });

  it('go on where they were', async () => {
    const projection = titles(rowsIn(pglite));
    const { starting, lines } = app('kept', { projections: [projection] });
    const running = await starting;
    await running.projections.caughtUp();
    await expect.poll(() => running.projections.of(projection).shards).toEqual([0]);
    const owns = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'projection owns a shard');
    expect(owns).toMatchObject([{ projection: 'titles', position: 1 }]);
    expect(await running.view(projection).get('p1')).toBe('Hello');
    await running.stop();
  });

  it('are built anew without announcing again what has happened', async () => {
    const handled: string[] = [];
    const start = async (version: number) => {
      const upper = defineProjection({
        name: 'announced',
        version,
        from: [Post],
        on: { 'post-published': (_, { data }) => `${version}: ${data.title}` },
        into: rowsIn(pglite, 'announced'),
      });
      const running = await app('announced', { projections: [upper] }).starting;
      await running.bus.subscribe({
        group: 'announcements',
        on: { 'post-published': ({ data }) => void handled.push(data.title) },
      }).ready;
      return { running, view: running.view(upper) };
    };
    const before = await start(1);
    const appended = await before.running.store.append(Post, 'p1', Published.create({ title: 'Hello' }));
    await before.view.waitFor(appended);
    await expect.poll(() => handled).toEqual(['Hello']);
    await before.running.stop();

    const after = await start(2);
    await after.running.projections.caughtUp();
    expect(await after.view.get('p1')).toBe('2: Hello');
    // What comes later has been handled, so nothing earlier is on its way.
    await after.running.store.append(Post, 'p2', Published.create({ title: 'World' }));
    await expect.poll(() => handled).toContain('World');
    expect(handled).toEqual(['Hello', 'World']);
    await after.running.stop();
  });

  it('are shared by processes, of which those that wait are ready as well', async () => {
    const [one, other] = [titles(rowsIn(pglite, 'shared')), titles(rowsIn(pglite, 'shared'))];
    const [first, second] = [
      await app('shared', { projections: [one] }).starting,
      await app('shared', { projections: [other] }).starting,
    ];
    await Promise.all([first.projections.caughtUp(), second.projections.caughtUp()]);
    await expect.poll(() => second.projections.of(other).status).toBe('standby');
    const appended = await second.store.append(Post, 'p1', Published.create({ title: 'Hello' }));
    await second.projections.waitFor(appended.position);
    expect(await second.view(other).get('p1')).toBe('Hello');
    await first.stop();
    await second
      .view(other)
      .waitFor(await second.store.append(Post, 'p1', Published.create({ title: 'taken over' })));
    expect(await second.view(other).get('p1')).toBe('taken over');
    await second.stop();
  });
});

describe('a database of views', () => {
  it('that refuses is told at once', async () => {
    await pglite.exec(`CREATE SCHEMA newer; CREATE TABLE newer.pipit_migrations (version integer);
      INSERT INTO newer.pipit_migrations VALUES (1000)`);
    const rows = postgresRepository({
      db: pgliteDatabase(pglite),
      name: 'titles',
      row: z.string(),
      schema: 'newer',
    });
    const { starting, lines } = app('newer', { projections: [titles(rows)] });
    await expect(starting).rejects.toMatchObject({ code: 'NEWER_TABLES' });
    expect(lines.join('')).not.toContain('trying again');
  });

  it('that is not there is tried again, and then said to be unreachable; what was opened is closed', async () => {
    await pglite.close();
    const closed: string[] = [];
    const { starting, lines } = app('gone', {
      projections: [titles(rowsIn(pglite))],
      startTimeout: 1_500,
      parts: [definePart('database', { start: () => {}, stop: () => closed.push('database') })],
    });
    await expect(starting).rejects.toMatchObject({ code: 'REPOSITORY', reason: 'unreachable' });
    const attempts = lines.map((line) => JSON.parse(line)).filter(({ attempt }) => attempt !== undefined);
    expect(attempts.length).toBeGreaterThanOrEqual(2);
    expect(attempts[0]).toMatchObject({ msg: 'Starting projections failed, trying again' });
    expect(closed).toEqual(['database']);
  });
});
