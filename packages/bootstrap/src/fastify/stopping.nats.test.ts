import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Routes } from './http-app.ts';
import { openShop, problem } from './shop.fixture.ts';

let nats: NatsServer;
beforeAll(async () => {
  nats = await startNatsServer();
});
afterAll(() => nats.stop());

/** Routes that answer when they are let. */
function gate() {
  const entered = Promise.withResolvers<void>();
  const letPass = Promise.withResolvers<void>();
  const routes: Routes = async (server) => {
    server.get('/gate', async () => {
      entered.resolve();
      await letPass.promise;
      return { passed: true };
    });
  };
  return { routes, entered: entered.promise, pass: letPass.resolve };
}

it('a request under way is answered at the stop, then its connection is closed, and no other is taken', async () => {
  const { routes, entered, pass } = gate();
  const { app, url, server } = await openShop(
    { name: 'drain', nats: { url: nats.url } },
    { routes: [routes] },
  );
  const answer = fetch(`${url}/gate`);
  await entered;
  const stopped = app.stop();
  await expect.poll(() => server.server.listening).toBe(false);
  await expect(fetch(`${url}/livez`)).rejects.toThrow('fetch failed');
  pass();
  const { status, headers } = await answer;
  expect([status, headers.get('connection')]).toEqual([200, 'close']);
  await stopped;
});

it('what is not answered in time is cut, and the application stops in good order', async () => {
  const { routes, entered } = gate();
  const { app, url } = await openShop(
    { name: 'cut', nats: { url: nats.url } },
    { routes: [routes], drainTimeout: 100 },
  );
  const answer = fetch(`${url}/gate`);
  const cut = expect(answer).rejects.toThrow('fetch failed');
  await entered;
  await app.stop();
  await cut;
});

it('a request that was being sent at the stop is sent elsewhere', async () => {
  const { app, url, server, call } = await openShop({ name: 'arriving', nats: { url: nats.url } });
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write('GET /livez HTTP/1.1\r\n');
  // What was written before is read before.
  await call('GET', '/livez');
  const stopped = app.stop();
  await expect.poll(() => server.server.listening).toBe(false);
  socket.write('Host: x\r\n\r\n');
  expect(await text(socket)).toMatch(/^HTTP\/1.1 503 .*connection: close.*"code":"STOPPING"/is);
  await stopped;
});

it('without NATS what is known is read, nothing is written, and readiness says why', async () => {
  const own = await startNatsServer();
  const { app, call } = await openShop({ name: 'away', nats: { url: own.url } });
  const { body } = await call('POST', '/articles', { json: { name: 'teapot' } });
  expect(await call('GET', '/readyz')).toMatchObject({
    status: 200,
    body: { status: 'ok', parts: expect.arrayContaining([{ name: 'connection', state: 'ready' }]) },
  });
  await own.kill();
  await expect.poll(() => app.connected).toBe(false);
  expect(await call('GET', '/readyz')).toMatchObject(
    problem(503, 'NOT_READY', {
      parts: expect.arrayContaining([{ name: 'connection', state: 'not-ready', reason: expect.any(String) }]),
    }),
  );
  expect((await call('GET', '/livez')).status).toBe(200);
  expect(await call('GET', `/articles/${body.id}`)).toMatchObject({ status: 200 });
  expect(await call('GET', '/articles/nobody')).toMatchObject(problem(503, 'UNAVAILABLE'));
  const refused = await call('POST', '/articles', { json: { name: 'cup' } });
  expect(refused).toMatchObject(problem(503, 'UNAVAILABLE'));
  expect(refused.headers.get('retry-after')).toBe('1');
  await own.restart();
  await expect.poll(() => app.connected, { timeout: 10_000 }).toBe(true);
  await app.stop();
  await own.stop();
});
