import { OperationNotRecordedError, type Operations } from '@pipit/bus';
import { memoryOperations } from '@pipit/bus/memory';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { expect, it } from 'vitest';
import { NotFoundError } from '../refusals.ts';
import { createHttpServer } from './http-server.ts';

const handled: string[] = [];
const routes: FastifyPluginAsyncZod = async (server) => {
  server.route({
    method: ['GET', 'PUT', 'DELETE'],
    url: '/things/:id',
    handler: async (request) => {
      handled.push(request.method);
      if (request.method === 'DELETE') throw new NotFoundError('thing');
      return {};
    },
  });
};

const logger = { info: () => {}, warn: () => {}, error: () => {} };

function serverWith(operations: Pick<Operations, 'operation'>) {
  return createHttpServer({ connected: true, projections: { late: [] }, logger, operations }, [routes]);
}

const away: Pick<Operations, 'operation'> = {
  async operation({ kind, name }) {
    throw new OperationNotRecordedError({ id: 'op_1', kind, name, timeout: 1 }, new Error('no answer'));
  },
};

it('a write runs when its operation is on record, and has ended when it is answered', async () => {
  const operations = memoryOperations({ store: 'blog', logger });
  const server = await serverWith(operations);
  for (const [method, status, state] of [
    ['PUT', 200, 'succeeded'],
    ['DELETE', 404, 'failed'],
  ] as const) {
    const { statusCode, headers } = await server.inject({ method, url: '/things/t1' });
    expect(statusCode).toBe(status);
    expect(await operations.get(String(headers['operation-id']))).toMatchObject({
      operation: { kind: 'command', name: `${method} /things/:id`, state },
    });
  }
});

it('a write whose operation cannot be recorded is a 503, and is not done', async () => {
  handled.length = 0;
  const server = await serverWith(away);
  const response = await server.inject({ method: 'PUT', url: '/things/t1' });
  expect(response.statusCode).toBe(503);
  expect(response.headers['retry-after']).toBe('1');
  expect(handled).toEqual([]);
});

it('a request that does not fit is told so, whether or not that can be recorded', async () => {
  const server = await serverWith(away);
  const headers = { 'content-type': 'text/plain' };
  const response = await server.inject({ method: 'PUT', url: '/things/t1', headers, payload: 'x' });
  expect(response.statusCode).toBe(415);
});
