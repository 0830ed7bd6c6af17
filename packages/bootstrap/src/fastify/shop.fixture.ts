import { defineProjection } from '@pipit/projection';
import { memoryRepository } from '@pipit/projection/memory';
import { defineAggregate, reserve } from '@pipit/store';
import { defineCommand, defineEvent, defineQuery } from '@pipit/types-registry';
import { expect } from 'vitest';
import { z } from 'zod';
import type { AppOptions } from '../app.ts';
import { createApp } from '../create-app.ts';
import { listeningLogger } from '../post.fixture.ts';
import type { Routes } from './http-app.ts';
import { routesOf } from './routes-of.ts';
import { type ServeOptions, serveHttp } from './serve-http.ts';

const Listed = defineEvent('article-listed', z.object({ name: z.string() }));
const Priced = defineEvent('article-priced', z.object({ cents: z.int() }));
export const Article = defineAggregate('article', {
  events: [Listed, Priced],
  initial: { name: '', cents: 0 },
  evolve: {
    'article-listed': (article, { data }) => ({ ...article, name: data.name }),
    'article-priced': (article, { data }) => ({ ...article, cents: data.cents }),
  },
});

const Restock = defineCommand('restock', z.object({ id: z.string(), count: z.int().min(1) }), {
  result: z.object({ left: z.int() }),
});
const Forget = defineCommand('forget', z.object({ id: z.string() }));
const Count = defineQuery('count', z.object({ of: z.string() }), z.number());

class TooCheapError extends Error {}

const row = z.object({ name: z.string(), cents: z.int(), revision: z.int() });
const price = z.strictObject({ cents: z.int().min(1) });

/** A shop over HTTP, on a server of its own making or another's; every way that a route can be made is in it. */
export async function openShop(
  options: Partial<AppOptions<typeof Article>>,
  serving: Partial<ServeOptions> = {},
) {
  const { lines, logger } = listeningLogger();
  const articles = defineProjection({
    name: 'articles',
    from: [Article],
    on: {
      'article-listed': (_, { data, revision }) => ({ name: data.name, cents: 0, revision }),
      'article-priced': (article, { data, revision }) => article && { ...article, ...data, revision },
    },
    into: memoryRepository<z.output<typeof row>>(),
  });
  const app = await createApp({
    name: 'shop',
    aggregates: [Article],
    projections: [articles],
    logger,
    signals: false,
    env: {},
    ...options,
  });
  const { create, decide, show, send } = routesOf(app, { tags: ['shop'] });
  const plain: Routes = async (server) => {
    server.get('/trace', async ({ headers }) => ({ traceparent: headers['traceparent'] }));
    server.post('/broken', async () => {
      throw new Error('the secret reason');
    });
  };
  const { routes = [], ...more } = serving;
  const { url, server } = await serveHttp(app, {
    port: 0,
    ...more,
    problems: (error) =>
      error instanceof TooCheapError ? { status: 409, code: 'TOO_CHEAP', detail: error.message } : undefined,
    routes: [
      create('POST /articles', Article, {
        body: z.strictObject({ name: z.string().min(1) }),
        events: ({ body }) => [Listed.create(body), reserve('name', body.name)],
        location: '/articles/:id',
      }),
      decide('PUT /articles/:id/price', Article, {
        body: price,
        decide: (article, { body, revision }) => {
          if (revision === 0) return [];
          if (body.cents < article.cents / 2) throw new TooCheapError('Nobody believes this price.');
          return body.cents === article.cents ? [] : Priced.create(body);
        },
        answer: price,
        toAnswer: ({ state }) => ({ cents: state.cents }),
      }),
      decide('PUT /articles/:id', Article, {
        body: z.strictObject({ name: z.string() }),
        decide: (_, { body }) => Listed.create(body),
      }),
      show('GET /articles/:id', articles, { answer: row.omit({ revision: true }) }),
      send('POST /articles/:id/restock', Restock),
      send('POST /forget', Forget),
      send('GET /count', Count),
      plain,
      ...routes,
    ],
  });
  app.commands.handle(Restock, async ({ data: { id, count } }) => {
    if (id === 'none') throw new TooCheapError('remote');
    return { left: count };
  });
  app.commands.handle(Forget, async () => {});
  app.commands.handle(Count, async ({ data }) => data.of.length);

  /** Sends JSON, or what `raw` says. */
  async function call(
    method: string,
    path: string,
    sent: { json?: unknown; raw?: string; headers?: object } = {},
  ) {
    const { json, raw = json === undefined ? undefined : JSON.stringify(json), headers } = sent;
    const response = await fetch(url + path, {
      method,
      ...(raw !== undefined && { body: raw }),
      headers: { ...(raw !== undefined && { 'content-type': 'application/json' }), ...headers },
    });
    const text = await response.text();
    const type = response.headers.get('content-type')?.split(';')[0];
    const body = type?.endsWith('json') && text !== '' ? JSON.parse(text) : text;
    return { status: response.status, type, headers: response.headers, body };
  }
  return { app, url, server, lines, call };
}

/** A problem as it is answered. */
export const problem = (status: number, code: string, more: object = {}) => ({
  status,
  type: 'application/problem+json',
  body: { type: 'about:blank', status, code, title: expect.any(String), detail: expect.any(String), ...more },
});
