import { describe, expect, it } from 'vitest';
import { type Answer, blogForTests, operationId, problem, unknownId } from '../blog.fixture.ts';
import { publishingBy } from '../posts/publishing.fixture.ts';
import type { Chain } from './operation-shape.ts';

const { call, admin, user, post } = blogForTests();
const { publish } = publishingBy(call);

const patience = { timeout: 15_000 };
const show = (id: string) => call('GET', `/operations/${id}`);
const chain = async (id: string): Promise<Chain> => (await show(id)).body;
const chainOf = (answer: Answer) => chain(operationId(answer));
type Event = Chain['events'][number];
const withAll = (event: Event): Event[] => [event, ...event.events.flatMap(withAll)];
const path = (id: string) => `/users/${encodeURIComponent(id)}`;

describe('the answer to a write names its operation, which shows', () => {
  it('what a renaming led to', async () => {
    const ada = await user('Ada');
    const renamed = await call('PATCH', path(ada), { json: { name: 'Ada Lovelace' } });
    await expect.poll(async () => (await chainOf(renamed)).events[0]?.groups.length, patience).toBe(1);
    expect(await show(operationId(renamed))).toMatchObject({
      status: 200,
      body: {
        operation: {
          id: operationId(renamed),
          kind: 'command',
          name: 'PATCH /users/:id',
          input: { body: { name: 'Ada Lovelace' } },
          state: 'succeeded',
          startedAt: expect.any(String),
          endedAt: expect.any(String),
        },
        events: [
          {
            id: expect.any(String),
            type: 'user-renamed',
            aggregate: { type: 'user', id: ada },
            groups: [{ group: 'rename-notices', outcome: 'handled', attempts: 1, failures: [] }],
            events: [],
          },
        ],
        complete: true,
      },
    });
  });

  it('a comment, and each try to notify the author of the post', async () => {
    const ada = await user();
    const id = await post(ada);
    await admin('POST', '/notifications', { json: { failing: true } });
    const json = { authorId: ada, text: 'Nice' };
    const commented = await call('POST', `/posts/${id}/comments`, { json });
    const group = async () => (await chainOf(commented)).events[0]?.groups[0];
    await expect.poll(group, patience).toMatchObject({ outcome: 'retrying' });
    await admin('POST', '/notifications', { json: { failing: false } });
    await expect.poll(group, patience).toMatchObject({ group: 'notifications', outcome: 'handled' });
    const { operation, events } = await chainOf(commented);
    expect(operation).toMatchObject({
      name: 'POST /posts/:postId/comments',
      input: { body: json },
      state: 'succeeded',
    });
    const { attempts = 0, failures = [] } = events[0]?.groups[0] ?? {};
    expect(attempts).toBe(failures.length + 1);
    expect(failures[0]).toEqual({
      attempt: 1,
      at: expect.any(String),
      outcome: 'retrying',
      error: { name: 'Error', message: 'Notifications are made to fail.' },
    });
  });

  it('the saga that has published a post, and its announcement', async () => {
    const id = await post(await user());
    const published = await publish(id);
    const types = async () => {
      const { operation, events } = await chainOf(published);
      expect(operation).toMatchObject({ name: 'POST /posts/:id/publish', state: 'succeeded' });
      expect(events.map(({ type }) => type)).toEqual(['saga-publishing-started']);
      return events.flatMap(withAll).map(({ type, groups }) => [type, ...groups.map(({ group }) => group)]);
    };
    await expect.poll(types, patience).toContainEqual(['post-published', 'announcements']);
    expect(await types()).toContainEqual(['text-checked', 'events-of-saga-publishing']);
  });

  it('its end, as soon as it is answered, and no event where nothing changed', async () => {
    const ada = await user('Ada');
    const same = await call('PATCH', path(ada), { json: { name: 'Ada' } });
    expect(await chainOf(same)).toMatchObject({ operation: { state: 'succeeded' }, events: [] });
  });

  it('what the administrator did', async () => {
    const set = await admin('POST', '/notifications', { json: { failing: false } });
    expect(await chainOf(set)).toMatchObject({
      operation: { name: 'POST /admin/notifications', input: { failing: false }, state: 'succeeded' },
      events: [],
    });
  });
});

describe('a write that is refused is a failed operation, named by the answer:', () => {
  const failed = (name: string, error: object) => ({
    operation: { kind: 'command', name, state: 'failed', error },
    events: [],
    complete: true,
  });

  it('what is not there, a conflict, a revision that has passed', async () => {
    const missing = await call('PATCH', path(unknownId), { json: { name: 'x' } });
    expect(missing).toMatchObject(problem(404));
    const message = 'There is no user with this id.';
    expect(await chainOf(missing)).toMatchObject(
      failed('PATCH /users/:id', { name: 'NotFoundError', message }),
    );

    const id = await post(await user(), 'Published once');
    await publish(id);
    const twice = await call('POST', `/posts/${id}/publish`);
    expect(twice).toMatchObject(problem(409));
    expect(await chainOf(twice)).toMatchObject(
      failed('POST /posts/:id/publish', { name: 'AlreadyPublishedError' }),
    );

    const late = await call('PATCH', `/posts/${id}`, {
      json: { title: 'x' },
      headers: { 'if-match': '"9"' },
    });
    expect(late).toMatchObject(problem(412));
    expect(await chainOf(late)).toMatchObject(failed('PATCH /posts/:id', {}));
  });

  it('a request that does not fit, with what was sent where that can be kept', async () => {
    const broken = await call('POST', '/users', { json: { nmae: 'Bob' } });
    expect(broken).toMatchObject(problem(400, 'nmae'));
    const chain = await chainOf(broken);
    expect(chain).toMatchObject(failed('POST /users', {}));
    expect(chain.operation.input).toEqual({ nmae: 'Bob' });

    const deep = await call('POST', '/users', { raw: `${'['.repeat(50_000)}${']'.repeat(50_000)}` });
    expect(deep).toMatchObject(problem(400));
    expect((await chainOf(deep)).operation.input).toEqual({ omitted: 'more than 20 levels' });

    const huge = await call('POST', '/users', { raw: '{"name": 1e999}' });
    expect(huge).toMatchObject(problem(400, 'name'));
    expect((await chainOf(huge)).operation.input).toEqual({ name: null });
  });

  it('a body that cannot be read', async () => {
    const sent = [
      [415, { raw: '<name/>', headers: { 'content-type': 'application/xml' } }],
      [413, { json: { name: 'x'.repeat(1_100_000) } }],
      [400, { raw: '{"name":' }],
      [400, { raw: '{"__proto__": 1}' }],
    ] as const;
    for (const [status, request] of sent) {
      const refused = await call('POST', '/users', request);
      expect(refused).toMatchObject(problem(status));
      const { operation } = await chainOf(refused);
      expect(operation).toMatchObject({ name: 'POST /users', state: 'failed' });
      expect(operation).not.toHaveProperty('input');
    }
  });

  it('one without the token of the administrator, of which nothing is read', async () => {
    const refused = await call('POST', '/admin/notifications', { json: { failing: true } });
    expect(refused).toMatchObject(problem(401));
    const { operation } = await chainOf(refused);
    expect(operation).toMatchObject({
      name: 'POST /admin/notifications',
      error: { name: 'UnauthorizedError' },
    });
    expect(operation).not.toHaveProperty('input');
  });
});

it('a body too large to be kept is named by its size', async () => {
  const ada = await user();
  const json = { authorId: ada, title: 'Long', body: '🪶'.repeat(40_000) };
  const drafted = await call('POST', '/posts', { json });
  expect(drafted.status).toBe(201);
  const { operation } = await chainOf(drafted);
  expect(operation.input).toEqual({ omitted: expect.stringMatching(/^16\d{4} bytes$/) });
});

it('reading is no operation, and neither is a path that there is not', async () => {
  for (const [method, target] of [
    ['GET', '/posts'],
    ['GET', `/users/${unknownId}`],
    ['POST', '/nowhere'],
    ['DELETE', '/posts'],
  ] as const) {
    expect((await call(method, target)).headers.get('operation-id')).toBeNull();
  }
});

it('an operation that nobody knows is a 404', async () => {
  for (const id of [`op_${unknownId}`, unknownId, 'op_', '*', '>', '__proto__', 'x'.repeat(10_000)]) {
    expect(await show(encodeURIComponent(id))).toMatchObject(problem(404));
  }
});
