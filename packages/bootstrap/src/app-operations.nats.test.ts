import type { DeadLetterAlert, Middleware } from '@pipit/bus';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { defineCommand } from '@pipit/types-registry';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { AppOptions } from './app.ts';
import { Post, Published } from './post.fixture.ts';
import { startApp } from './starting-app.fixture.ts';

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());

const patience = { timeout: 10_000 };
const retry = { attempts: 2, backoff: 10 };

async function open(name: string, options: Partial<AppOptions<typeof Post>> = {}) {
  const { starting, lines } = startApp(name, { nats: { url: server.url }, ...options });
  return { app: await starting, lines };
}

it('an operation is recorded with what the store appended in it and how the groups of the bus handled that', async () => {
  const { app } = await open('chain');
  let failures = 1;
  app.bus.subscribe({
    group: 'search',
    retry,
    on: {
      'post-published': () => {
        if (failures-- > 0) throw new Error('not yet');
      },
    },
  });
  const operation = { kind: 'command', name: 'publish', input: { title: 'Hello' } } as const;
  const id = await app.operations.operation(operation, async (context) => {
    await app.store.execute(Post, 'p1', () => Published.create({ title: 'Hello' }));
    return context.id;
  });
  await expect
    .poll(() => app.operations.get(id), patience)
    .toMatchObject({
      operation: { kind: 'command', name: 'publish', input: { title: 'Hello' }, state: 'succeeded' },
      events: [
        {
          type: 'post-published',
          aggregate: { type: 'post', id: 'p1' },
          groups: [
            {
              group: 'search',
              outcome: 'handled',
              attempts: 2,
              failures: [{ attempt: 1, error: { message: 'not yet' } }],
            },
          ],
        },
      ],
    });
  await app.stop();
});

it('what is recorded last is on record after a stop', async () => {
  const { app } = await open('last');
  const ids: string[] = [];
  app.onStop('worker', async () => {
    ids.push(
      await app.operations.operation({ kind: 'external', name: 'farewell' }, async ({ id }) => {
        await app.store.append(Post, 'p1', Published.create({ title: 'Bye' }));
        return id;
      }),
    );
  });
  await app.stop();

  const { app: again } = await open('last');
  expect(await again.operations.get(ids[0] ?? '')).toMatchObject({
    operation: { state: 'succeeded' },
    events: [{ type: 'post-published' }],
  });
  await again.stop();
});

it('what a group could not handle is in the dead letters, people are told, and it can be redriven', async () => {
  const alerted: DeadLetterAlert[] = [];
  let closed = false;
  const alerts = {
    deadLettered: (letter: DeadLetterAlert) => void alerted.push(letter),
    close: async () => {
      closed = true;
    },
  };
  const seen: string[] = [];
  const audit: Middleware = (next) => async (event, context) => {
    seen.push(event.type);
    await next(event, context);
  };
  const { app } = await open('letters', { alerts, use: [audit] });
  let broken = true;
  app.bus.subscribe({
    group: 'mail',
    retry,
    on: {
      'post-published': () => {
        if (broken) throw new Error('no mail server');
      },
    },
  });
  await app.store.append(Post, 'p1', Published.create({ title: 'Hello' }));
  await expect.poll(() => Array.fromAsync(app.bus.deadLetters.list()), patience).toHaveLength(1);
  const [letter] = await Array.fromAsync(app.bus.deadLetters.list());
  expect(letter).toMatchObject({ group: 'mail', type: 'post-published', attempts: 2 });
  await expect.poll(() => alerted).toMatchObject([{ store: 'letters', group: 'mail', attempts: 2 }]);

  broken = false;
  await app.bus.deadLetters.redrive(letter?.id ?? '');
  await expect.poll(() => Array.fromAsync(app.bus.deadLetters.list()), patience).toEqual([]);
  expect(seen).toHaveLength(3);
  expect(closed).toBe(false);
  await app.stop();
  expect(closed).toBe(true);
});

it('commands go to whichever process of the application handles them', async () => {
  const Count = defineCommand('count', z.object({ of: z.string() }), { result: z.number() });
  const [{ app: asking }, { app: answering }] = [await open('both'), await open('both')];
  await answering.commands.handle(Count, ({ data }) => data.of.length).ready;
  expect(await asking.commands.send(Count, { of: 'posts' })).toBe(5);
  await Promise.all([asking.stop(), answering.stop()]);
  await expect(asking.commands.send(Count, { of: 'posts' })).rejects.toMatchObject({ code: 'STOPPED' });
});
