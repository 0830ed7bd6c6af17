import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json as readJson } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blogForTests, operationId, problem, unknownId } from '../blog.fixture.ts';

/** What came to the webhook. */
const alerts: unknown[] = [];
const webhook = createServer(async (request, response) => {
  alerts.push(await readJson(request));
  response.end('ok');
});
const env: NodeJS.ProcessEnv = {};
beforeAll(async () => {
  await once(webhook.listen(0, '127.0.0.1'), 'listening');
  env['SLACK_WEBHOOK_URL'] = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/T0/B0/secret`;
});
afterAll(() => {
  webhook.closeAllConnections();
  webhook.close();
});
const { call, admin, user, post, comment } = blogForTests(env);

interface Letter {
  readonly id: string;
  readonly group: string;
  readonly type: string;
  readonly attempts: number;
  readonly errors: readonly { readonly message: string; readonly at: string }[];
}

const patience = { timeout: 15_000 };
const fail = (failing: boolean) => admin('POST', '/notifications', { json: { failing } });
const sent = async () => ((await admin('GET', '/notifications')).body as { sent: unknown[] }).sent;
const letters = async (query = '') => (await admin('GET', `/dead-letters${query}`)).body as Letter[];

describe('a comment whose notification fails', () => {
  it('is a dead letter after five attempts, which people are told of, and delivered when it is redriven', async () => {
    const [ada, bob] = [await user('Ada'), await user('Bob')];
    const id = await post(ada, 'Hello');
    const told = await comment(id, bob, 'First');
    await expect.poll(sent, patience).toMatchObject([{ commentId: told, postId: id, to: ada }]);

    expect(await fail(true)).toMatchObject({ status: 200, body: { failing: true } });
    const [failed, other] = [await comment(id, bob, 'Second'), await comment(id, ada, 'Third')];
    await expect.poll(() => letters(), patience).toHaveLength(2);
    const dead = await letters();
    for (const letter of dead) {
      expect(letter).toEqual({
        id: expect.any(String),
        group: 'notifications',
        type: 'comment-added',
        attempts: 5,
        errors: Array(5).fill({ message: 'Notifications are made to fail.', at: expect.any(String) }),
      });
      const times = letter.errors.map(({ at }) => Date.parse(at));
      expect(times).toEqual(times.toSorted((one, another) => one - another));
    }
    expect(await sent()).toHaveLength(1);

    const redrive = (letter: Letter | undefined) =>
      admin('POST', `/dead-letters/${letter?.id}/redrive`, {
        headers: { 'content-type': 'application/json' },
      });
    // One that fails again is a dead letter again, with all its errors.
    expect(await redrive(dead[0])).toMatchObject({ status: 202, body: { id: dead[0]?.id } });
    const now = async () => {
      const letter = (await letters()).find(({ id }) => id === dead[0]?.id);
      return [letter?.attempts, letter?.errors.length];
    };
    await expect.poll(now, patience).toEqual([10, 10]);

    expect(await fail(false)).toMatchObject({ status: 200, body: { failing: false } });
    for (const letter of dead) operationId(await redrive(letter));
    await expect.poll(() => letters(), patience).toEqual([]);
    const all = (await sent()) as { commentId: string }[];
    expect(all.map(({ commentId }) => commentId).sort()).toEqual([told, failed, other].sort());
    expect(await redrive(dead[0])).toMatchObject(problem(404));

    // Alerts are gathered for ten seconds.
    await expect
      .poll(() => JSON.stringify(alerts), { timeout: 30_000 })
      .toContain('Notifications are made to fail.');
  }, 60_000);
});

describe('dead letters', () => {
  it('are listed by group, and no more than asked for', async () => {
    await fail(true);
    const ada = await user();
    const id = await post(ada);
    for (const text of ['a', 'b', 'c']) await comment(id, ada, text);
    await expect.poll(() => letters('?group=notifications'), patience).toHaveLength(3);
    expect(await letters('?limit=2')).toHaveLength(2);
    expect(await letters('?group=announcements')).toEqual([]);
    await fail(false);
    for (const { id: letter } of await letters()) await admin('POST', `/dead-letters/${letter}/redrive`);
    await expect.poll(() => letters(), patience).toEqual([]);
  });

  it('that nobody knows are a 404, a broken question is a 400', async () => {
    for (const id of [
      unknownId,
      'notifications.999999',
      '*',
      '>',
      '__proto__',
      'x'.repeat(10_000),
      'a.b.c',
      '🪶.1',
    ]) {
      const path = `/dead-letters/${encodeURIComponent(id)}/redrive`;
      expect(await admin('POST', path)).toMatchObject(problem(404));
    }
    for (const query of ['limit=0', 'limit=x', 'limit=1001', 'limit=1.5', 'group=']) {
      const [field = ''] = query.split('=');
      expect(await admin('GET', `/dead-letters?${query}`)).toMatchObject(problem(400, field));
    }
    for (const json of [{}, { failing: 'yes' }, { failing: null }, { failing: true, more: 1 }]) {
      expect(await admin('POST', '/notifications', { json })).toMatchObject(problem(400));
    }
  });
});

describe('/admin', () => {
  const routes = [
    ['GET', '/admin/dead-letters'],
    ['POST', '/admin/dead-letters/notifications.1/redrive'],
    ['GET', '/admin/notifications'],
    ['POST', '/admin/notifications'],
    ['GET', '/admin/moderation'],
    ['POST', '/admin/moderation'],
    ['POST', `/admin/sagas/${unknownId}/retry`],
    ['POST', `/admin/sagas/${unknownId}/skip`],
    ['POST', `/admin/sagas/${unknownId}/abandon`],
  ] as const;

  it('asks for the token, and does nothing without', async () => {
    const json = { failing: true };
    for (const [method, path] of routes) {
      const sending = method === 'POST' ? { json } : {};
      const without = await call(method, path, sending);
      expect(without).toMatchObject(problem(401));
      expect(without.headers.get('www-authenticate')).toBe('Bearer realm="admin"');
      for (const authorization of ['Bearer', 'Bearer ', 'Basic YTpi', 'token', 'Bearer a b']) {
        const refused = await call(method, path, { ...sending, headers: { authorization } });
        expect(refused).toMatchObject(problem(401));
      }
      const wrong = await call(method, path, { ...sending, headers: { authorization: 'Bearer wrong' } });
      expect(wrong).toMatchObject(problem(401));
      expect(wrong.headers.get('www-authenticate')).toBe('Bearer realm="admin", error="invalid_token"');
    }
    expect(await admin('GET', '/notifications')).toMatchObject({ body: { failing: false } });
  });
});
