import { connect as openSocket } from 'node:net';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { AppendInDoubtError } from '@pipit/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../create-app.ts';
import type { Routes } from './http-app.ts';
import { PortUnavailableError, serveHttp } from './serve-http.ts';
import { openShop, problem } from './shop.fixture.ts';

let nats: NatsServer;
let shop: Awaited<ReturnType<typeof openShop>>;
const entered = Promise.withResolvers<AbortSignal>();

const odd: Routes = async (server) => {
  server.post('/doubt', async () => {
    throw new AppendInDoubtError({ type: 'article', id: 'a1' }, ['e1'], new Error('no answer'));
  });
  server.get('/later', (_, reply) => void setImmediate(() => reply.send({ later: true })));
  server.post('/later', (_, reply) => void setImmediate(() => reply.send({ later: true })));
  server.post('/endless', async ({ signal }) => {
    entered.resolve(signal);
    expect(signal.aborted).toBe(false);
    const left = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => left.resolve());
    await left.promise;
    return { late: true };
  });
};

beforeAll(async () => {
  nats = await startNatsServer();
  shop = await openShop(
    { nats: { url: nats.url } },
    { bodyLimit: 1_000, requestTimeout: 1_000, routes: [odd] },
  );
});
afterAll(async () => {
  await shop.app.stop();
  await nats.stop();
});

/** What comes back on a socket until the other side hangs up. */
async function exchange(sent: string): Promise<string> {
  const { port } = new URL(shop.url);
  const socket = openSocket(Number(port), 'localhost');
  socket.write(sent);
  let text = '';
  for await (const data of socket) text += data;
  return text;
}

describe('a request that does not fit is a problem with a code:', () => {
  it('a body that is no JSON, and where', async () => {
    for (const [raw, detail] of [
      ['{"name": "x",}', /line 1, column 14/],
      ['{"name": nothing}', /no JSON/],
      ['{"name":', /ends too early|line 1/],
      ['{"__proto__": 1}', /__proto__/],
    ] as const) {
      const broken = await shop.call('POST', '/articles', { raw });
      expect(broken).toMatchObject(problem(400, 'MALFORMED_JSON', { detail: expect.stringMatching(detail) }));
    }
  });

  it('too large a body, another type, a broken path', async () => {
    const large = await shop.call('POST', '/articles', { json: { name: 'x'.repeat(1_001) } });
    expect(large).toMatchObject(problem(413, 'BODY_TOO_LARGE'));
    const xml = { raw: '<name/>', headers: { 'content-type': 'application/xml' } };
    expect(await shop.call('POST', '/articles', xml)).toMatchObject(problem(415, 'UNSUPPORTED_MEDIA_TYPE'));
    expect(await shop.call('GET', '/articles/%ZZ')).toMatchObject(problem(400, 'MALFORMED_URL'));
  });

  it('no body is told as the fields it lacks', async () => {
    expect(await shop.call('POST', '/articles')).toMatchObject(
      problem(400, 'INVALID_REQUEST', { errors: [{ field: 'name', message: expect.any(String) }] }),
    );
  });

  it('a text that no view can keep, for it would stop at it', async () => {
    expect(await shop.call('PUT', '/articles/%00', { json: { name: 'x' } })).toMatchObject(
      problem(404, 'NOT_FOUND'),
    );
    for (const name of ['a\0b', 'a\ud83d'])
      expect(await shop.call('POST', '/articles', { json: { name } })).toMatchObject(
        problem(400, 'INVALID_REQUEST', { errors: [{ field: 'name', message: expect.any(String) }] }),
      );
    expect((await shop.call('GET', '/articles/a1')).status).toBe(404);
  });

  it('a path that there is not, and of one that there is a method', async () => {
    const xml = { raw: '<name/>', headers: { 'content-type': 'application/xml' } };
    for (const path of ['/nowhere', '/articles/a/b'])
      expect(await shop.call('POST', path, xml)).toMatchObject(problem(404, 'ROUTE_NOT_FOUND'));
    const other = await shop.call('DELETE', '/articles/a1', xml);
    expect(other).toMatchObject(problem(405, 'METHOD_NOT_ALLOWED'));
    expect(other.headers.get('allow')).toBe('GET, HEAD, OPTIONS, PUT');
    expect(other.headers.get('operation-id')).toBeNull();
    const options = await shop.call('OPTIONS', '/articles');
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'OPTIONS, POST']);
    expect((await shop.call('HEAD', '/livez')).status).toBe(200);
  });

  it('what is no request at all, and one that does not arrive', async () => {
    expect(await exchange('nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400 .*"code":"MALFORMED_REQUEST"/s);
    expect(await exchange('POST /articles HTTP/1.1\r\nHost: x\r\n')).toMatch(
      /^HTTP\/1.1 408 .*"code":"REQUEST_TIMEOUT"/s,
    );
  });
});

it('a write that may have happened is a 503 with a code of its own, which names the operation to look at', async () => {
  const doubtful = await shop.call('POST', '/doubt');
  const operation = String(doubtful.headers.get('operation-id'));
  expect(doubtful).toMatchObject(
    problem(503, 'APPEND_IN_DOUBT', { operation, detail: expect.stringContaining(operation) }),
  );
  expect(doubtful.headers.get('retry-after')).toBe('1');
});

it('a handler that takes too long is told, and so is who waits for it', async () => {
  const late = await shop.call('POST', '/endless', { json: {} });
  expect(late).toMatchObject(
    problem(503, 'HANDLER_TIMEOUT', {
      operation: expect.any(String),
      detail: expect.stringMatching(/may have been done/),
    }),
  );
  expect((await entered.promise).aborted).toBe(true);
});

it('a handler may answer when it has returned', async () => {
  for (const [method, sent] of [
    ['GET', {}],
    ['POST', { json: {} }],
  ] as const)
    expect(await shop.call(method, '/later', sent)).toMatchObject({ status: 200, body: { later: true } });
});

it('1,000 connections that are opened and dropped do no harm', async () => {
  const { port } = new URL(shop.url);
  for (let wave = 0; wave < 10; wave++) {
    const sockets = Array.from({ length: 100 }, () => openSocket(Number(port), 'localhost'));
    await Promise.all(
      sockets.map(
        (socket, index) =>
          new Promise<void>((resolve, reject) => {
            socket.once('error', reject).once('connect', () => {
              if (index % 2 === 0)
                socket.write('POST /articles HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{');
              socket.destroy();
              resolve();
            });
          }),
      ),
    );
  }
  expect((await shop.call('GET', '/livez')).status).toBe(200);
  const open = () =>
    new Promise((resolve) => shop.server.server.getConnections((_, count) => resolve(count)));
  await expect.poll(open).toBeLessThan(10);
});

it.each([
  ['a port that is taken', 'localhost', 'is taken (EADDRINUSE). Set PORT to another one'],
  ['an address of another machine', '203.0.113.1', '(EADDRNOTAVAIL). Set PIPIT_HTTP_HOST to'],
  ['a name that nobody has', 'no name', '(ENOTFOUND). Set PIPIT_HTTP_HOST to'],
])('%s is an error at once, which names the variable', async (_, host, message) => {
  const { port } = new URL(shop.url);
  const app = await createApp({
    name: 'other',
    aggregates: [],
    nats: { url: nats.url },
    signals: false,
    logLevel: 'silent',
    env: {},
  });
  const refused = serveHttp(app, { host, port: Number(port), routes: [] });
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.toBeInstanceOf(PortUnavailableError);
  await app.stop();
});
