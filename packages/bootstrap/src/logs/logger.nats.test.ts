import { startNatsServer } from '@pipit/nats-server';
import { defineProjection } from '@pipit/projection';
import { memoryRepository } from '@pipit/projection/memory';
import { defineAggregate } from '@pipit/store';
import { defineEvent } from '@pipit/types-registry';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { createApp } from '../create-app.ts';

const password = 'hunter-and/pass@word';
const email = 'ada.lovelace@example.org';

const Registered = defineEvent(
  'user-registered',
  z.object({ email: z.string().max(100).meta({ personal: true }), role: z.string() }),
);
const User = defineAggregate('user', {
  events: [Registered],
  initial: { role: '' },
  evolve: { 'user-registered': (_, { data }) => data },
});

it('no line of an application holds a password, or what is personal in an event that fails', async () => {
  await using server = await startedWithPassword();
  const lines: string[] = [];
  const logger = pino({ name: 'people', level: 'trace' }, { write: (line: string) => lines.push(line) });
  const told = () => lines.map((line) => JSON.parse(line));

  const failing = defineProjection({
    name: 'failing',
    from: [User],
    on: {
      'user-registered': (_, event): string => {
        throw new Error(`no row for ${event.data.email}`);
      },
    },
    into: memoryRepository<string>(),
  });
  const url = server.url.replace('//', `//ada:${encodeURIComponent(password)}@`);
  await using app = await createApp({
    name: 'people',
    aggregates: [User],
    projections: [failing],
    logger,
    signals: false,
    env: { NATS_URL: url },
  });
  app.logger.info({ config: { url }, login: { user: 'ada', password } }, `connected with ${url}`);
  app.bus.subscribe({
    group: 'mail',
    retry: { attempts: 2, backoff: 10 },
    on: {
      'user-registered': ({ data }, { logger: bound }) => {
        bound.warn({ data }, 'about to fail');
        throw new Error(`no mail to ${data.email}`, { cause: new Error(JSON.stringify(data)) });
      },
    },
  });

  await app.operations.operation({ kind: 'command', name: 'register', input: { email } }, async () => {
    const event = Registered.create({ email, role: 'author' });
    await app.store.append(User, 'u1', event);
    app.logger.info({ event }, 'registered');
  });
  await app.store
    .append(User, 'u2', Registered.create({ email: `${email}${'x'.repeat(100)}`, role: 'author' }))
    .catch((err: unknown) => app.logger.error({ err }, 'not registered'));

  await expect.poll(async () => (await Array.fromAsync(app.bus.deadLetters.list())).length).toBe(1);
  await expect
    .poll(() => told().map(({ msg }) => msg))
    .toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^Group mail failed 2 times .* added to dead letters: no mail to \[Redacted\]$/,
        ),
        'projection failed',
      ]),
    );

  const facts = { eventType: 'user-registered', eventId: expect.any(String), position: 1, group: 'mail' };
  const bound = { ...facts, operationId: expect.stringMatching(/^op_/), data: { role: 'author' } };
  expect(told()).toContainEqual(
    expect.objectContaining({
      msg: 'about to fail',
      ...bound,
      data: { email: '[Redacted]', role: 'author' },
    }),
  );
  expect(lines.join('')).not.toMatch(/hunter|pass%40word|lovelace/i);
});

async function startedWithPassword() {
  const server = await startNatsServer({
    config: { authorization: { users: [{ user: 'ada', password }] } },
  });
  return { url: server.url, [Symbol.asyncDispose]: () => server.stop() };
}

it('each line that is written in an operation names it, once, whoever writes it', async () => {
  const server = await startNatsServer();
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
  const app = await createApp({
    name: 'bound',
    aggregates: [User],
    logger,
    signals: false,
    env: { NATS_URL: server.url },
  });
  const handled = Promise.withResolvers<void>();
  app.bus.subscribe({
    group: 'mail',
    on: {
      'user-registered': (_, { logger: bound }) => {
        bound.info({}, 'by the handler');
        app.logger.info('by its program');
        handled.resolve();
      },
    },
  });
  const id = await app.operations.operation({ kind: 'command', name: 'register' }, async (context) => {
    app.logger.info({ step: 1 }, 'in the operation');
    await app.store.append(User, 'u1', Registered.create({ email, role: 'reader' }));
    return context.id;
  });
  await handled.promise;
  app.logger.info('outside of it');
  const of = (message: string) => lines.find((line) => line.includes(message)) ?? '';
  for (const message of ['in the operation', 'by the handler', 'by its program']) {
    expect([message, of(message).match(/"operationId":/g)?.length]).toEqual([message, 1]);
    expect(JSON.parse(of(message))).toMatchObject({ operationId: id });
  }
  expect(of('outside of it')).not.toContain('operationId');
  await app.stop();
  await server.stop();
});
