import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problem } from '../blog.fixture.ts';
import { startBlog } from '../blog.ts';
import { startProcess } from '../process.fixture.ts';
import { readSettings } from '../settings.ts';
import { newDataDir } from './empty-database.fixture.ts';
import { type PostgresServer, startPostgres } from './postgres-server.fixture.ts';

let nats: NatsServer;
let postgres: PostgresServer;
beforeAll(async () => {
  [nats, postgres] = await Promise.all([startNatsServer(), startPostgres()]);
});
afterAll(async () => {
  await Promise.all([nats?.stop(), postgres?.stop()]);
});

const start = (env: NodeJS.ProcessEnv = {}) =>
  startProcess({ NATS_URL: nats.url, DATABASE_URL: postgres.url(), LOG_LEVEL: 'info', ...env });

describe('views in PostgreSQL', () => {
  it('are shared by processes: each writes a part, reads all, and takes over from one that dies', {
    timeout: 60_000,
  }, async () => {
    const one = start();
    await one.serves();
    const other = start();
    await other.serves();
    // Four shards of posts, two for each.
    await expect.poll(() => other.owned('posts')).toHaveLength(2);
    expect(other.log()).not.toContain('correct-horse');

    const authorId = await one.create('/users', { name: 'Ada' });
    const ids: string[] = [];
    for (let n = 0; n < 10; n += 1) {
      const json = { authorId, title: `Heron ${n}`, body: 'x' };
      const drafted = await one.call('POST', '/posts', { json });
      const { id } = drafted.body as { id: string };
      const after = drafted.headers.get('position');
      expect(await other.call('GET', `/posts/${id}?after=${after}`)).toMatchObject({
        status: 200,
        body: { title: `Heron ${n}`, author: { name: 'Ada' } },
      });
      ids.push(id);
    }
    expect((await other.call('GET', '/posts?search=heron')).body).toHaveLength(10);

    one.kill('SIGKILL');
    await one.ended;
    // When the lease of the one that died has ended.
    await expect.poll(() => other.owned('posts').length).toBeGreaterThanOrEqual(4);
    const renamed = await other.call('PATCH', `/users/${authorId}`, { json: { name: 'Ada L.' } });
    expect(renamed.status).toBe(200);
    await expect
      .poll(async () => (await other.call('GET', `/posts/${ids[0]}`)).body)
      .toMatchObject({ author: { name: 'Ada L.' } });
    for (const id of ids) {
      const edited = await other.call('PATCH', `/posts/${id}`, { json: { body: 'taken over' } });
      const shown = await other.call('GET', `/posts/${id}?after=${edited.headers.get('position')}`);
      expect(shown).toMatchObject({ status: 200, body: { body: 'taken over' } });
    }
    other.kill('SIGTERM');
    expect(await other.ended).toEqual([0, null]);
  });

  it('are not there while the database is away, and are again when it is back', async () => {
    const blog = start();
    await blog.serves();
    const ada = await blog.create('/users', { name: 'Ada' });
    await postgres.halt();
    const refused = await blog.call('GET', `/users/${ada}`);
    expect(refused).toMatchObject(problem(503));
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await blog.call('GET', '/livez')).status).toBe(200);
    await postgres.start();
    await expect.poll(async () => (await blog.call('GET', `/users/${ada}`)).status).toBe(200);
    await expect
      .poll(async () => (await blog.call('POST', '/users', { json: { name: 'Bob' } })).status)
      .toBe(201);
    blog.kill('SIGTERM');
    expect(await blog.ended).toEqual([0, null]);
    expect(blog.log()).not.toContain('correct-horse');
  });
});

describe('a database', () => {
  it('that comes late is waited for', async () => {
    await postgres.halt();
    const blog = start();
    await expect.poll(() => blog.log()).toContain('Starting projections failed, trying again');
    await postgres.start();
    await blog.serves();
  });

  it('that refuses the login, or is not there by this name, is told at once, without the password', {
    timeout: 60_000,
  }, async () => {
    const refused = [
      [
        postgres.url('wrong-horse'),
        /^The database of the views cannot be used \(forbidden: password .* Check DATABASE_URL\.$/,
      ],
      [`${postgres.url()}-of-nobody`, /forbidden: database "postgres-of-nobody" does not exist/],
    ] as const;
    await Promise.all(
      refused.map(async ([DATABASE_URL, reason]) => {
        const blog = start({ DATABASE_URL, LOG_LEVEL: 'warn' });
        expect(await blog.ended).toEqual([1, null]);
        expect(blog.output()).toBe('');
        expect(blog.log().trim()).toMatch(reason);
        expect(blog.log().trim().split('\n')).toHaveLength(1);
        expect(blog.log()).not.toContain('-horse');
      }),
    );
  });

  it('that nobody answers for is given up after the time to start', async () => {
    const config = readSettings(
      {
        PORT: '0',
        PIPIT_DATA_DIR: await newDataDir(),
        DATABASE_URL: 'postgres://ada:wrong-horse@127.0.0.1:1/blog',
        NATS_URL: nats.url,
        PIPIT_START_TIMEOUT: '1.5s',
        LOG_LEVEL: 'silent',
      },
      '',
    );
    const starting = startBlog({ config, signals: false });
    const error: unknown = await starting.catch((reason: unknown) => reason);
    expect(String(error)).toMatch(
      /unreachable: connect ECONNREFUSED 127\.0\.0\.1:1\)\. Check DATABASE_URL\./,
    );
    expect(String(error)).not.toContain('wrong-horse');
  });
});
