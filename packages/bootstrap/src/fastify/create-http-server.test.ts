import { OperationNotRecordedError } from '@pipit/bus';
import { memoryOperations } from '@pipit/bus/memory';
import { currentTrace } from '@pipit/types-registry';
import { expect, it } from 'vitest';
import type { App } from '../app.ts';
import { readConfig } from '../config/read-config.ts';
import { ProblemError } from '../http/problem.ts';
import { listeningLogger } from '../post.fixture.ts';
import { noInstrumentation } from '../telemetry/instrumentation.ts';
import { createHttpServer, type HttpServerOptions } from './create-http-server.ts';
import type { Routes, ServedApp } from './http-app.ts';

const handled: string[] = [];
const routes: Routes = async (server) => {
  server.route({
    method: ['GET', 'PUT'],
    url: '/things/:id',
    handler: async (request) => {
      handled.push(request.method);
      return currentTrace();
    },
  });
  server.all('/later', (_, reply) => {
    setImmediate(() => reply.send({ later: true }));
  });
};

async function served(app: Partial<ServedApp> = {}, options: Partial<HttpServerOptions> = {}) {
  const { logger, lines } = listeningLogger();
  const operations = memoryOperations({ store: 'shop', logger });
  const projections = { late: [] } as unknown as App['projections'];
  const config = readConfig({}, {});
  const health = async () => ({ ready: true, parts: [] });
  const telemetry = noInstrumentation;
  const whole = { config, health, connected: true, projections, logger, operations, telemetry, ...app };
  const server = await createHttpServer(whole, { routes: [routes], ...options });
  return { server, operations, lines };
}

const away: ServedApp['operations'] = {
  async operation({ kind, name }) {
    throw new OperationNotRecordedError({ id: 'op_1', kind, name, timeout: 1 }, new Error('no answer'));
  },
};

it('a write whose operation cannot be recorded is a 503, and is not done', async () => {
  const { server } = await served({ operations: away });
  const response = await server.inject({ method: 'PUT', url: '/things/t1' });
  expect(response.json()).toMatchObject({ status: 503, code: 'OPERATION_NOT_RECORDED' });
  expect(response.headers['retry-after']).toBe('1');
  expect(handled).toEqual([]);
});

it('a request that does not fit is told so, whether or not that can be recorded', async () => {
  const { server, lines } = await served({ operations: away });
  const headers = { 'content-type': 'text/plain' };
  const response = await server.inject({ method: 'PUT', url: '/things/t1', headers, payload: 'x' });
  expect(response.json()).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
  expect(lines.join()).toContain('not on record');
});

it('carries the trace of the caller, a well-formed one, into its handler', async () => {
  const { server } = await served();
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const get = async (headers = {}) => (await server.inject({ url: '/things/t1', headers })).json();
  expect(await get({ traceparent })).toEqual({ traceparent });
  expect(await get({ traceparent: 'nonsense' })).toEqual({});
  const put = await server.inject({
    method: 'PUT',
    url: '/things/t1',
    headers: { traceparent },
    payload: {},
  });
  const operation = put.headers['operation-id'];
  expect(put.json()).toEqual({ traceparent, correlationId: operation, causationId: operation });
});

it('waits for the answer of a handler that sends it later', async () => {
  const { server } = await served();
  for (const method of ['GET', 'PUT'] as const)
    expect((await server.inject({ method, url: '/later' })).json()).toEqual({ later: true });
});

it('keeps of a write what it is told to keep', async () => {
  const { server, operations } = await served(
    {},
    { recordedInput: ({ body }) => ({ fields: Object.keys(body as object) }) },
  );
  const put = await server.inject({ method: 'PUT', url: '/things/t1', payload: { password: 'x' } });
  const chain = await operations.get(String(put.headers['operation-id']));
  expect(chain?.operation).toMatchObject({ input: { fields: ['password'] }, state: 'succeeded' });
});

it('leaves to who says that it is away when to try again', async () => {
  const refusal = { status: 503, code: 'CLOSED', detail: 'Come again tomorrow.' };
  const closed: Routes = async (server) => {
    server.get('/shop', async () => {
      throw new ProblemError(refusal, { headers: { 'retry-after': '3600' } });
    });
  };
  const { server } = await served({}, { routes: [closed] });
  const response = await server.inject('/shop');
  expect(response.json()).toMatchObject(refusal);
  expect(response.headers['retry-after']).toBe('3600');
});

it.each([99, 200, 1_000, Number.NaN])(
  'a problem of yours with the status %d is a 500, and logged',
  async (status) => {
    const broken: Routes = async (server) => {
      server.get('/broken', async () => {
        throw new ProblemError({ status, code: 'ODD', detail: 'odd' });
      });
    };
    const { server, lines } = await served({}, { routes: [broken] });
    const response = await server.inject('/broken');
    expect(response.json()).toMatchObject({ status: 500, code: 'INTERNAL' });
    expect(lines.join()).toContain('A problem has a status from 400 to 599');
  },
);

it.each(['catching-up', 'failed', 'stopped'])('answers 503 while a view is %s', async (status) => {
  const projections = { late: [{ name: 'articles', status }] } as unknown as App['projections'];
  const { server } = await served({ projections });
  const response = await server.inject('/things/t1');
  expect(response.statusCode).toBe(503);
  expect(response.headers['retry-after']).toBe('1');
  expect(response.json().detail).toContain(`articles (${status})`);
  expect((await server.inject('/livez')).statusCode).toBe(200);
});

it('says which parts are not ready, and why', async () => {
  const parts = [
    { name: 'connection', state: 'ready' },
    { name: 'database', state: 'not-ready', reason: 'the disk is full' },
  ] as const;
  const { server } = await served({ health: async () => ({ ready: false, parts }) });
  const response = await server.inject('/readyz');
  expect(response.statusCode).toBe(503);
  expect(response.headers['retry-after']).toBe('1');
  const detail = 'Not ready: database (not-ready).';
  expect(response.json()).toMatchObject({ code: 'NOT_READY', detail, parts });
});

it('tells the caller nothing of an error that another service has answered a handler with', async () => {
  const upstream = Object.assign(new Error('GET http://internal: token tok_123 was refused'), {
    statusCode: 401,
  });
  const told = Object.assign(new Error('Not yours.'), { statusCode: 403, expose: true });
  const failing: Routes = async (server) => {
    server.get('/upstream', () => Promise.reject(upstream));
    server.get('/told', () => Promise.reject(told));
    server.get(
      '/limited',
      { onRequest: async () => Promise.reject(Object.assign(new Error('Slow down.'), { statusCode: 429 })) },
      () => ({}),
    );
  };
  const { server, lines } = await served({}, { routes: [failing] });
  const refused = await server.inject('/upstream');
  expect(refused.json()).toMatchObject({ status: 500, code: 'INTERNAL' });
  expect(refused.body).not.toContain('tok_123');
  expect(lines.join()).toContain('was refused');
  expect((await server.inject('/told')).json()).toMatchObject({ status: 403, detail: 'Not yours.' });
  expect((await server.inject('/limited')).json()).toMatchObject({ status: 429, code: 'TOO_MANY_REQUESTS' });
});
