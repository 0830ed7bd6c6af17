import { memoryOperations } from '@pipit/bus/memory';
import { currentTrace } from '@pipit/types-registry';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { describe, expect, it } from 'vitest';
import { createHttpServer } from './http-server.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const routes: FastifyPluginAsyncZod = async (server) => {
  server.get('/trace', async () => currentTrace());
  server.post('/trace', async () => currentTrace());
  server.post('/broken', async () => {
    throw new Error('the secret reason');
  });
};

async function served(health: Parameters<typeof createHttpServer>[0] | object = {}) {
  const logged: unknown[] = [];
  const log = (facts: unknown) => logged.push(facts);
  const logger = { info: log, warn: log, error: log };
  const app = {
    connected: true,
    projections: { late: [] },
    logger,
    operations: memoryOperations({ store: 'blog', logger }),
    ...health,
  };
  return { server: await createHttpServer(app, [routes]), logged };
}

describe('the HTTP server', () => {
  it('carries the trace of a request to what it leads to, also after a body was read', async () => {
    const { server } = await served();
    const sent = { url: '/trace', headers: { traceparent } };
    expect((await server.inject({ method: 'POST', payload: { any: 'thing' }, ...sent })).json()).toEqual({
      traceparent,
      // The operation that the request is.
      correlationId: expect.stringMatching(/^op_/),
      causationId: expect.stringMatching(/^op_/),
    });
    expect((await server.inject({ method: 'GET', ...sent })).json()).toEqual({ traceparent });
    expect((await server.inject({ url: '/trace', headers: { traceparent: 'nonsense' } })).json()).toEqual({});
    expect((await server.inject('/trace')).json()).toEqual({});
  });

  it('tells nobody but the log why something went wrong', async () => {
    const { server, logged } = await served();
    const response = await server.inject({ method: 'POST', url: '/broken' });
    expect(response.json()).toMatchObject({ status: 500, title: 'Internal Server Error' });
    expect(response.body).not.toContain('secret');
    expect(logged).toMatchObject([
      { err: { message: 'the secret reason' }, method: 'POST', route: '/broken' },
    ]);
  });

  it.each(['catching-up', 'failed', 'stopped'] as const)(
    'is not ready while a view is %s',
    async (status) => {
      const { server } = await served({ projections: { late: [{ name: 'posts', status }] } });
      for (const url of ['/readyz', '/trace']) {
        const response = await server.inject(url);
        expect(response.statusCode).toBe(503);
        expect(response.headers['retry-after']).toBe('1');
        expect(response.json().detail).toContain(`posts (${status})`);
      }
      expect((await server.inject('/livez')).statusCode).toBe(200);
    },
  );

  it('reads but does not write while NATS is away', async () => {
    const { server } = await served({ connected: false });
    expect((await server.inject('/trace')).statusCode).toBe(200);
    expect((await server.inject('/readyz')).statusCode).toBe(503);
    expect((await server.inject({ method: 'POST', url: '/trace' })).statusCode).toBe(503);
  });
});
