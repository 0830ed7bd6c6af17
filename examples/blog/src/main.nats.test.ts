import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { client, problem, unknownId } from './blog.fixture.ts';
import { newDataDir } from './database/empty-database.fixture.ts';
import { publishingBy } from './posts/publishing.fixture.ts';
import { adminToken, startProcess as start, startSharedProcess } from './process.fixture.ts';

// Each starts several, which takes a busy machine a while.
describe('the process', { timeout: 90_000 }, () => {
  it('prints one line, the URL, logs nothing, and ends with 0 at SIGTERM', async () => {
    const blog = start({ PIPIT_DATA_DIR: await newDataDir() });
    await blog.serves();
    await blog.create('/users', { name: 'Ada' });
    blog.kill('SIGTERM');
    expect(await blog.ended).toEqual([0, null]);
    expect(blog.output()).toMatch(/^http:\/\/localhost:\d+\n$/);
    expect(blog.log()).toBe('');
  });

  it('prints a random token for the administrator where none was given', async () => {
    const tokens: string[] = [];
    for (const _ of [1, 2]) {
      const blog = start({ PIPIT_DATA_DIR: await newDataDir(), ADMIN_TOKEN: '' });
      await blog.prints(/^http:\/\/localhost:\d+\nadmin token: [\w-]{32}\n$/);
      const [url = '', token = ''] = blog.output().trim().split('\nadmin token: ');
      const headers = { authorization: `Bearer ${token}` };
      expect((await client(() => url)('GET', '/admin/dead-letters', { headers })).status).toBe(200);
      tokens.push(token);
      blog.kill('SIGTERM');
      await blog.ended;
    }
    expect(tokens[0]).not.toBe(tokens[1]);
  });

  it('has every user, post and comment again after it was killed', async () => {
    const env = { PIPIT_DATA_DIR: await newDataDir() };
    const first = start(env);
    await first.serves();
    const ada = await first.create('/users', { name: 'Ada' });
    const bob = await first.create('/users', { name: 'Bob' });
    const posts = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        first.create('/posts', { authorId: ada, title: `Post ${index}`, body: 'x' }),
      ),
    );
    const comments = await Promise.all(
      posts.map((post) => first.create(`/posts/${post}/comments`, { authorId: bob, text: `On ${post}` })),
    );
    await publishingBy(first.call).publish(String(posts[0]));
    await first.call('PATCH', `/users/${ada}`, { json: { name: 'Ada L.' } });
    first.kill('SIGKILL');
    expect(await first.ended).toEqual([null, 'SIGKILL']);

    const second = start(env);
    await second.serves();
    expect((await second.call('GET', '/posts')).body).toHaveLength(20);
    for (const [index, post] of posts.entries()) {
      expect((await second.call('GET', `/posts/${post}`)).body).toMatchObject({
        title: `Post ${index}`,
        author: { id: ada, name: 'Ada L.' },
        published: index === 0,
        comments: [{ id: comments[index], author: { id: bob, name: 'Bob' }, text: `On ${post}` }],
      });
    }
    expect((await second.call('GET', `/users/${bob}`)).body).toMatchObject({ name: 'Bob' });
    second.kill('SIGINT');
    expect(await second.ended).toEqual([0, null]);
  });

  it('goes on with what it was publishing after it was killed', async () => {
    const env = { PIPIT_DATA_DIR: await newDataDir(), MODERATION_DEADLINE: '3s' };
    const first = start(env);
    await first.serves();
    const headers = { authorization: `Bearer ${adminToken}` };
    const moderate = (mode: string) => first.call('POST', '/admin/moderation', { json: { mode }, headers });
    const authorId = await first.create('/users', { name: 'Ada' });
    const draft = (title: string) => first.create('/posts', { authorId, title, body: 'x' });
    const [waiting, ...others] = [
      await draft('Held'),
      await draft('One'),
      await draft('Two'),
      await draft('Three'),
    ];
    const before = publishingBy(first.call);
    await moderate('hang');
    const held = await before.begin(waiting);
    await before.waitsFor(held, 'verdict');
    await moderate('accept');
    const begun = await Promise.all(others.map(before.begin));
    first.kill('SIGKILL');
    await first.ended;

    const second = start(env);
    await second.serves();
    const after = publishingBy(second.call);
    // What the first one died over comes again when its lease has ended, 15 seconds later.
    const patience = { timeout: 60_000 };
    for (const saga of begun)
      expect(await after.settled(saga, patience)).toMatchObject({ state: 'completed' });
    for (const id of others) await expect.poll(() => after.post(id)).toMatchObject({ published: true });
    expect(await after.settled(held)).toMatchObject({ state: 'compensated' });
    await after.publish(waiting);
    second.kill('SIGTERM');
    expect(await second.ended).toEqual([0, null]);
  });

  it('says why it cannot start, in one line', async () => {
    const taken = createServer().listen(0, 'localhost');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    const refused = [
      [{ PORT: String(port) }, /EADDRINUSE/],
      [{ PORT: 'x' }, /PORT must be a whole number/],
      [{ ADMIN_TOKEN: 'a b' }, /ADMIN_TOKEN must be letters/],
      [{ MODERATION_DEADLINE: 'soon' }, /MODERATION_DEADLINE must be a duration/],
      [{ LOG_LEVEL: 'loud' }, /^The configuration has 1 problem.*LOG_LEVEL must be one of/],
    ] as const;
    const startWith = async (env: NodeJS.ProcessEnv) => start({ PIPIT_DATA_DIR: await newDataDir(), ...env });
    await Promise.all(
      refused.map(async ([env, reason]) => {
        const blog = await startWith(env);
        expect(await blog.ended).toEqual([1, null]);
        expect(blog.output()).toBe('');
        expect(blog.log().trim().split('\n')).toEqual([expect.stringMatching(reason)]);
      }),
    );
  });
});

// One for all of them, in this order: the last takes its server away.
describe('a process that logs', { timeout: 90_000 }, () => {
  let blog: ReturnType<typeof startSharedProcess>;
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
    const env = { PIPIT_DATA_DIR: await newDataDir(), NATS_URL: server.url, LOG_LEVEL: 'info' };
    blog = startSharedProcess(env);
    await blog.serves();
  });
  afterAll(async () => {
    blog?.kill('SIGKILL');
    await server?.stop();
  });

  it('announces each published post, in a group of its own', async () => {
    const author = await blog.create('/users', { name: 'Ada' });
    const post = await blog.create('/posts', { authorId: author, title: 'Hello', body: 'x' });
    await publishingBy(blog.call).publish(post);
    await expect.poll(() => blog.log()).toMatch(new RegExp(`"post":"${post}".*has been published`));
  });

  it('refuses what it cannot put on record while NATS is silent, and goes on after', async () => {
    await blog.create('/users', { name: 'Ada' });
    const headers = { authorization: `Bearer ${adminToken}` };
    process.kill(server.pid, 'SIGSTOP');
    const asked = [
      blog.call('POST', '/users', { json: { name: 'Bob' } }),
      blog.call('GET', '/admin/dead-letters', { headers }),
      blog.call('POST', '/admin/dead-letters/notifications.1/redrive', { headers }),
    ];
    for (const answer of await Promise.all(asked)) {
      expect(answer).toMatchObject(problem(503));
      expect(answer.headers.get('retry-after')).toBe('1');
    }
    process.kill(server.pid, 'SIGCONT');
    await blog.create('/users', { name: 'Bob' });
  });

  it('tells who is served wrongly, and serves what it can, while NATS is away', async () => {
    const ada = await blog.create('/users', { name: 'Ada' });
    await server.kill();

    await expect.poll(async () => (await blog.call('GET', '/readyz')).status).toBe(503);
    const refused = await blog.call('PATCH', `/users/${ada}`, { json: { name: 'x' } });
    expect(refused).toMatchObject(problem(503));
    expect(refused.headers.get('retry-after')).toBe('1');
    const headers = { authorization: `Bearer ${adminToken}` };
    expect(await blog.call('GET', '/admin/dead-letters', { headers })).toMatchObject(problem(503));
    expect(await blog.call('GET', `/operations/op_${unknownId}`)).toMatchObject(problem(503));
    expect(await blog.call('GET', `/users/${ada}`)).toMatchObject({ status: 200, body: { name: 'Ada' } });
    expect(await blog.call('GET', `/users/somebody`)).toMatchObject(problem(503));
    expect(await blog.call('GET', '/livez')).toMatchObject({ status: 200 });
    blog.kill('SIGTERM');
    await blog.ended;
  });
});
