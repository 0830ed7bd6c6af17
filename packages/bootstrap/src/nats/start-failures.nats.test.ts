import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { nkeys } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { writeCertificates } from '@pipit/tooling/certificates';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { AppOptions } from '../app.ts';
import { Post, Published } from '../post.fixture.ts';
import { startApp } from '../starting-app.fixture.ts';

const started: NatsServer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

async function start(options?: Parameters<typeof startNatsServer>[0]): Promise<NatsServer> {
  const server = await startNatsServer(options);
  started.push(server);
  return server;
}

function app(nats: AppOptions['nats'], options: Partial<AppOptions<typeof Post>> = {}) {
  return startApp('blog', { nats, ...options });
}

function failure({ starting }: ReturnType<typeof app>): Promise<unknown> {
  return starting.then(
    () => 'it started',
    (reason: unknown) => reason,
  );
}

/** At the first try: nothing is tried again, and the time to start is not waited for. */
async function failureAtOnce(begun: ReturnType<typeof app>): Promise<unknown> {
  const error = await failure(begun);
  expect(begun.lines.join('')).not.toContain('trying again');
  return error;
}

async function noConnectionOn({ monitorUrl }: NatsServer): Promise<void> {
  await expect
    .poll(async () => ((await (await fetch(`${monitorUrl}/connz`)).json()) as { total: number }).total)
    .toBe(0);
}

describe('a server that is not there', () => {
  it('is tried again, and then said to be unreachable', async () => {
    const server = await start();
    await server.kill();
    const begun = app({ url: server.url }, { startTimeout: 1_500 });
    const error = await failure(begun);
    expect(error).toMatchObject({ code: 'CONNECTION', reason: 'unreachable', servers: [server.url] });
    expect(String(error)).toMatch(/cannot be reached .* Check that nats-server runs there/);
    const attempts = begun.lines
      .map((line) => JSON.parse(line))
      .filter(({ attempt }) => attempt !== undefined);
    expect(attempts.length).toBeGreaterThanOrEqual(2);
    expect(attempts[1].retryIn).toBeGreaterThanOrEqual(attempts[0].retryIn);
  });

  it('is unreachable too when it takes connections and never answers', async () => {
    const server = await start();
    process.kill(server.pid, 'SIGSTOP');
    const error = await failure(app({ url: `${server.url},${server.url}` }, { startTimeout: 1_000 }));
    process.kill(server.pid, 'SIGCONT');
    expect(error).toMatchObject({ code: expect.stringMatching(/^(CONNECTION|TIMEOUT)$/) });
    await noConnectionOn(server);
  });

  it('is no obstacle when it comes in time', async () => {
    const server = await start();
    await server.kill();
    const { starting, lines } = app({ url: server.url });
    await expect.poll(() => lines.join('')).toContain('trying again');
    await server.restart();
    const running = await starting;
    await running.store.append(Post, 'p1', Published.create({ title: 'late' }));
    await running.stop();
  });
});

describe('a server that refuses the login', () => {
  it('is told apart at once, whatever kind of login, and no secret is printed', async () => {
    const server = await start({ config: { authorization: { user: 'ada', password: 'correct-horse' } } });
    const { port } = server;
    for (const [nats, message] of [
      [{ url: server.url }, /refuses the login .* No login was given: set NATS_USER/],
      [{ url: server.url, user: 'ada', password: 'wrong-horse' }, /Check the user and password/],
      [{ url: `nats://ada:wrong-horse@127.0.0.1:${port}` }, /Check the user and password/],
      [{ url: server.url, token: 'wrong-horse' }, /Check the token/],
    ] as const) {
      const begun = app(nats);
      const error = await failureAtOnce(begun);
      expect(error).toMatchObject({ code: 'CONNECTION', reason: 'unauthorized' });
      expect(String(error)).toMatch(message);
      expect(JSON.stringify(error) + String(error) + begun.lines.join('')).not.toContain('wrong-horse');
    }

    const { starting, lines } = app({ url: `nats://ada:correct-horse@127.0.0.1:${port}` });
    await (await starting).stop();
    expect(lines.join('')).not.toContain('correct-horse');
  });

  it('also when it lets in but permits nothing', async () => {
    const permissions = { publish: ['other.>'], subscribe: ['_INBOX.>'] };
    const server = await start({
      config: { authorization: { users: [{ user: 'ada', password: 'pw', permissions }] } },
    });
    const error = await failureAtOnce(app({ url: server.url, user: 'ada', password: 'pw' }));
    expect(error).toMatchObject({ code: 'CONNECTION', reason: 'unauthorized' });
    expect(String(error)).toMatch(/does not permit publish on \$JS\.API/);
    await noConnectionOn(server);
  });
});

describe('a server that Pipit cannot work with is refused at once, and nothing stays behind:', () => {
  it('one without JetStream', async () => {
    const server = await start({ jetStream: false });
    const error = await failureAtOnce(app({ url: server.url }));
    expect(error).toMatchObject({ code: 'CONNECTION', reason: 'jetstream-disabled' });
    expect(String(error)).toMatch(/nats-server -js/);
    await noConnectionOn(server);
  });

  it('one whose account of the login is the wrong one, without JetStream', async () => {
    const server = await start({
      config: {
        accounts: {
          orders: { jetstream: 'enabled', users: [{ user: 'ada', password: 'pw' }] },
          other: { users: [{ user: 'bob', password: 'pw' }] },
        },
      },
    });
    const error = await failureAtOnce(app({ url: server.url, user: 'bob', password: 'pw' }));
    expect(error).toMatchObject({ code: 'CONNECTION', reason: 'jetstream-disabled' });
    expect(String(error)).toMatch(/account/);
    await (await app({ url: server.url, user: 'ada', password: 'pw' }).starting).stop();
    await noConnectionOn(server);
  });

  it('one with a stream of another layout', async () => {
    const server = await start();
    await (await app({ url: server.url }).starting).stop();
    const error = await failureAtOnce(app({ url: server.url }, { layout: 'event' }));
    expect(error).toMatchObject({ code: 'STREAM_MISMATCH' });
    expect(String(error)).toMatch(/layout/);
    await noConnectionOn(server);
  });

  it('an old one', { timeout: 120_000 }, async () => {
    const server = await start({
      version: '>=2.9 <2.12',
      env: { ...process.env, NATS_SERVER_BIN: '' },
    });
    const error = await failureAtOnce(app({ url: server.url }));
    expect(error).toMatchObject({ code: 'UNSUPPORTED_SERVER', version: server.version });
    expect(String(error)).toMatch(/needs nats-server 2.12 or newer: upgrade/);
    await noConnectionOn(server);
  });

  it('one with a stream of that name with other settings, which is left as it is', async () => {
    const server = await start();
    const connection = await connect({ servers: server.url });
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'blog', subjects: ['blog.>'], max_msgs: 10 });
    const { config: before } = await manager.streams.info('blog');
    const error = await failureAtOnce(app({ url: server.url }));
    expect(error).toMatchObject({
      code: 'STREAM_MISMATCH',
      differences: expect.arrayContaining([
        { setting: 'subjects', expected: ['blog.*.*'], actual: ['blog.>'] },
        { setting: 'deny_delete', expected: true, actual: false },
      ]),
    });
    expect((await manager.streams.info('blog')).config).toEqual(before);
    await connection.close();
    await noConnectionOn(server);
  });
});

describe('a stream that differs where nothing depends on it', () => {
  it('is used and reported', async () => {
    const server = await start();
    await (await app({ url: server.url }, { stream: { max_age: 3_600e9 } }).starting).stop();
    const { starting, lines } = app({ url: server.url }, { stream: { max_age: 7_200e9 } });
    await (await starting).stop();
    const [report] = lines.map((line) => JSON.parse(line)).filter(({ differences }) => differences);
    expect(report).toMatchObject({
      msg: expect.stringMatching(/not as asked/),
      differences: [{ setting: 'max_age', expected: 7_200e9, actual: 3_600e9 }],
    });
  });
});

it('an nkey is a login as any other', async () => {
  const user = nkeys.createUser();
  const seed = new TextDecoder().decode(user.getSeed());
  const server = await start({ config: { authorization: { users: [{ nkey: user.getPublicKey() }] } } });
  const { starting, lines } = app(undefined, { env: { NATS_URL: server.url, NATS_NKEY: seed } });
  await (await starting).stop();
  expect(lines.join('')).not.toContain(seed);
  const other = new TextDecoder().decode(nkeys.createUser().getSeed());
  const error = await failureAtOnce(app({ url: server.url, nkey: other }));
  expect(error).toMatchObject({ code: 'CONNECTION', reason: 'unauthorized' });
  expect(String(error)).toMatch(/Check the nkey it was given/);
});

describe('a server that demands TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pipit-tls-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const { ca, cert, key } = writeCertificates(folder);

  it('is connected to with the authority and the certificate it asks for', async () => {
    const server = await start({
      config: { tls: { cert_file: cert, key_file: key, ca_file: ca, verify: true } },
    });
    const url = server.url.replace('nats:', 'tls:');
    const running = await app({ url, tls: { ca, cert, key } }).starting;
    await running.store.append(Post, 'p1', Published.create({ title: 'safe' }));
    await running.stop();
    await noConnectionOn(server);
  });

  it('is refused at once where its certificate is not to be trusted', async () => {
    const server = await start({ config: { tls: { cert_file: cert, key_file: key } } });
    const error = await failureAtOnce(app({ url: server.url }));
    expect(error).toMatchObject({ code: 'CONNECTION', reason: 'unreachable' });
    expect(String(error)).toMatch(/No secure connection .* Check nats\.tls/);
    await noConnectionOn(server);
  });
});
