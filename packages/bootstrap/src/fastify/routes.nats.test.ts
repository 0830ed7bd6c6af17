import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openShop, problem } from './shop.fixture.ts';

let nats: NatsServer;
let shop: Awaited<ReturnType<typeof openShop>>;
beforeAll(async () => {
  nats = await startNatsServer();
  shop = await openShop({ nats: { url: nats.url } });
});
afterAll(async () => {
  await shop.app.stop();
  await nats.stop();
});

let names = 0;
async function list(name = `article ${++names}`): Promise<string> {
  const listed = await shop.call('POST', '/articles', { json: { name } });
  expect(listed.status).toBe(201);
  return listed.body.id;
}
const price = (id: string, cents: number, headers = {}) =>
  shop.call('PUT', `/articles/${id}/price`, { json: { cents }, headers });

describe('a route that creates', () => {
  it('answers with a new id, where it is, its revision and position, and when views show it', async () => {
    const { status, headers, body } = await shop.call('POST', '/articles', { json: { name: 'teapot' } });
    expect({ status, body }).toEqual({ status: 201, body: { id: expect.stringMatching(/^[0-9a-f-]{14}7/) } });
    expect(headers.get('location')).toBe(`/articles/${body.id}`);
    expect(headers.get('etag')).toBe('"1"');
    expect(headers.get('position')).toMatch(/^\d+$/);
    expect((await shop.call('GET', `/articles/${body.id}`)).body).toEqual({ name: 'teapot', cents: 0 });
  });

  it('says which key is taken, and not by whom', async () => {
    const owner = await list('cup');
    const taken = await shop.call('POST', '/articles', { json: { name: 'cup' } });
    expect(taken).toMatchObject(problem(409, 'KEY_TAKEN', { detail: 'This name is taken. Choose another.' }));
    expect(JSON.stringify(taken.body)).not.toContain(owner);
  });
});

describe('a route that decides', () => {
  it('answers with what was made of it, also where that is nothing new', async () => {
    const id = await list();
    for (const _ of [1, 2]) {
      const priced = await price(id, 500);
      expect([priced.status, priced.headers.get('etag'), priced.body]).toEqual([200, '"2"', { cents: 500 }]);
    }
    const row = await shop.call('GET', `/articles/${id}`);
    expect([row.headers.get('etag'), row.body.cents]).toEqual(['"2"', 500]);
  });

  it('lets a write happen at the revision that If-Match names, and at no other', async () => {
    const id = await list();
    expect((await price(id, 100, { 'if-match': '"1", W/"7"' })).status).toBe(200);
    for (const header of ['"1"', '"x"', 'W/"2"'])
      expect(await price(id, 101, { 'if-match': header })).toMatchObject(problem(412, 'PRECONDITION_FAILED'));
    expect((await price(id, 102, { 'if-match': '*' })).status).toBe(200);
    expect(await price(id, 103, { 'if-match': '3' })).toMatchObject(
      problem(400, 'INVALID_REQUEST', { errors: [{ field: 'if-match', message: expect.any(String) }] }),
    );
    // What does not exist is at no revision.
    const json = { name: 'new' };
    const headers = { 'if-match': '"1"' };
    expect(await shop.call('PUT', '/articles/new', { json, headers })).toMatchObject(
      problem(412, 'PRECONDITION_FAILED'),
    );
    expect(await shop.call('PUT', '/articles/new', { json })).toMatchObject({
      status: 200,
      body: { id: 'new' },
    });
  });

  it('is a 404 where there is nothing, whatever the id', async () => {
    for (const id of ['nobody', '__proto__', 'x'.repeat(5_000), '%00', '*'])
      expect(await price(id, 1)).toMatchObject(
        problem(404, id.length > 99 ? 'INVALID_SUBJECT_TOKEN' : 'NOT_FOUND'),
      );
  });

  it('answers with the problem that an error of the program is mapped to', async () => {
    const id = await list();
    await price(id, 500);
    expect(await price(id, 1)).toMatchObject(
      problem(409, 'TOO_CHEAP', { detail: 'Nobody believes this price.' }),
    );
  });
});

describe('a route that shows', () => {
  it('waits for the position it is asked for, and says how far it is where that does not come', async () => {
    const id = await list();
    const position = String((await price(id, 7)).headers.get('position'));
    expect((await shop.call('GET', `/articles/${id}?after=${position}`)).body).toMatchObject({ cents: 7 });
    const late = await shop.call('GET', `/articles/${id}?after=999999`);
    expect(late).toMatchObject(problem(503, 'UNAVAILABLE'));
    expect(late.headers.get('retry-after')).toBe('1');
    expect(await shop.call('GET', `/articles/${id}?after=x`)).toMatchObject(problem(400, 'INVALID_REQUEST'));
    expect(await shop.call('GET', '/articles/nobody')).toMatchObject(problem(404, 'NOT_FOUND'));
  });
});

describe('a route that sends', () => {
  it('answers with what the handler did, or with nothing', async () => {
    const restocked = await shop.call('POST', '/articles/a1/restock', { json: { count: 3 } });
    expect([restocked.status, restocked.body]).toEqual([200, { left: 3 }]);
    expect((await shop.call('POST', '/forget', { json: { id: 'a1' } })).status).toBe(204);
    expect(await shop.call('GET', '/count?of=abc')).toMatchObject({ status: 200, body: 3 });
  });

  it('is a 400 that names the fields that do not fit, a 500 where the handler fails', async () => {
    const broken = await shop.call('POST', '/articles/a1/restock', { json: { count: 0 } });
    expect(broken).toMatchObject(
      problem(400, 'INVALID_PAYLOAD', { errors: [{ field: 'count', message: expect.any(String) }] }),
    );
    expect(await shop.call('GET', '/count')).toMatchObject(problem(400, 'INVALID_PAYLOAD'));
    const failed = await shop.call('POST', '/articles/none/restock', { json: { count: 3 } });
    expect(failed).toMatchObject(problem(500, 'INTERNAL'));
  });
});

describe('a write', () => {
  it('is an operation, which its answer and every line of its log name', async () => {
    const id = await list();
    const before = shop.lines.length;
    const failed = await shop.call('POST', '/broken', { json: { any: 'thing' } });
    const operation = String(failed.headers.get('operation-id'));
    expect(failed).toMatchObject(problem(500, 'INTERNAL', { operation }));
    expect(JSON.stringify(failed.body)).not.toContain('secret');
    const logged = shop.lines.slice(before).map((line) => JSON.parse(line));
    expect(logged).toContainEqual(
      expect.objectContaining({
        operationId: operation,
        method: 'POST',
        route: '/broken',
        err: expect.objectContaining({ message: 'the secret reason' }),
      }),
    );
    const priced = await price(id, 5);
    const chain = await shop.app.operations.get(String(priced.headers.get('operation-id')));
    expect(chain).toMatchObject({
      operation: { name: 'PUT /articles/:id/price', input: { id, body: { cents: 5 } }, state: 'succeeded' },
      events: [{ type: 'article-priced' }],
    });
  });

  it('carries the trace of the caller to its events', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const id = await list();
    await price(id, 5, { traceparent });
    const read = shop.app.store.read({ fromPosition: 1 });
    expect((await Array.fromAsync(read)).at(-1)).toMatchObject({ aggregate: { id }, traceparent });
  });
});
