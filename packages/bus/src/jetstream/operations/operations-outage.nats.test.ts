import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import type { LogFacts, Logger } from '@pipit/types-registry';
import { currentTrace } from '@pipit/types-registry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOperations } from '../../operations/create-operations.ts';
import type { EventFacts, Operations } from '../../operations.ts';
import { until } from '../../testing/until.ts';
import { jetStreamOperations } from './jetstream-operations.ts';
import { jetStreamOperationLog } from './operation-log.ts';

let server: NatsServer;
let connection: NatsConnection;
let operations: Operations;
let log: { level: string; facts: LogFacts; message: string }[];

const line = (level: string) => (facts: LogFacts, message: string) =>
  void log.push({ level, facts, message });
const logger: Logger = { info: line('info'), warn: line('warn'), error: line('error') };
const open = { kind: 'command', name: 'open' } as const;

beforeEach(async () => {
  log = [];
  server = await startNatsServer();
  connection = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  operations = await jetStreamOperations({ connection, store: 'blog', logger });
});
afterEach(async () => {
  await operations.close({ timeout: 100 });
  await connection.close();
  await server.stop();
});

function eventOf(position: number): EventFacts {
  const { correlationId = '', causationId } = currentTrace();
  const aggregate = { type: 'account', id: 'a1' };
  return {
    id: `e${position}`,
    type: 'opened',
    aggregate,
    position,
    time: new Date(),
    correlationId,
    causationId,
  };
}

describe('what happens while the server is away', () => {
  it('to events is on record once it is back, each thing once', async () => {
    const count = 600;
    const id = await operations.operation(open, async (context) => {
      const events = Array.from({ length: count }, (_, index) => eventOf(index + 1));
      operations.recorder.appended(events.slice(0, 200));
      await server.kill();
      operations.recorder.appended(events.slice(100, 400));
      const handling = { group: 'mail', attempt: 1, outcome: 'handled', at: new Date() } as const;
      for (const event of events) operations.recorder.handled({ event, ...handling });
      await server.restart();
      operations.recorder.appended(events.slice(400));
      return context.id;
    });
    await operations.close({ timeout: 30_000 });
    const chain = await operations.get(id);
    expect(chain?.events.map(({ position }) => position)).toEqual(
      Array.from({ length: count }, (_, i) => i + 1),
    );
    expect(chain?.events.every(({ groups }) => groups.length === 1 && groups[0]?.attempts === 1)).toBe(true);
    expect(chain?.operation?.state).toBe('succeeded');
    expect(log).toEqual([]);
  }, 60_000);

  it('does not hold up the result of an operation, nor its error', async () => {
    const result = await operations.operation(open, async () => {
      await server.kill();
      return 'done';
    });
    expect(result).toBe('done');
    await server.restart();
    await operations.close({ timeout: 30_000 });
    expect(await Array.fromAsync(operations.list())).toMatchObject([{ state: 'succeeded' }]);
  }, 60_000);
});

describe('an operation that begins while the server is away', () => {
  it('is refused in time and not run, and does not seem to run for ever', async () => {
    await operations.operation(open, () => {});
    await server.kill();
    let ran = false;
    const work = operations.operation({ ...open, name: 'refused', timeout: 500 }, () => {
      ran = true;
    });
    await expect(work).rejects.toMatchObject({
      code: 'OPERATION_NOT_RECORDED',
      kind: 'command',
      operation: 'refused',
      cause: expect.any(Error),
    });
    expect(ran).toBe(false);
    await server.restart();
    await operations.close({ timeout: 30_000 });
    expect(await Array.fromAsync(operations.list({ state: 'running' }))).toEqual([]);
    const refused = await work.catch((error: { operationId: string }) => error.operationId);
    expect(await operations.get(refused as never)).toMatchObject({
      operation: { state: 'failed', error: { code: 'OPERATION_NOT_RECORDED' } },
    });
  }, 60_000);

  it('runs where that is asked for, and is on record once the server is back', async () => {
    await server.kill();
    const options = { ...open, input: { a: 1 }, timeout: 200, unrecorded: 'run' } as const;
    const id = await operations.operation(options, (context) => {
      operations.recorder.appended([eventOf(1)]);
      return context.id;
    });
    expect(log).toMatchObject([{ level: 'warn', facts: { operationId: id } }]);
    await server.restart();
    await operations.close({ timeout: 30_000 });
    expect(await operations.get(id)).toMatchObject({
      operation: { state: 'succeeded', input: { a: 1 } },
      events: [{ id: 'e1' }],
    });
  }, 60_000);

  it('waits for its start to be on record where the server comes back in time', async () => {
    await server.kill();
    const id = operations.operation({ ...open, timeout: 30_000 }, (context) => context.id);
    await server.restart();
    expect((await operations.get(await id))?.operation?.state).toBe('succeeded');
  }, 60_000);
});

describe('an outage that lasts too long', () => {
  it('loses records, and says in the log which', async () => {
    const manager = await jetstreamManager(connection, { checkAPI: false, timeout: 300 });
    const stream = { name: 'blog_operations', store: 'blog', maxAge: 60_000, replicas: undefined };
    const own = createOperations(
      jetStreamOperationLog({ connection, manager, stream, logger }),
      { logger },
      { patience: 300, capacity: 3 },
    );
    await own.operation(open, async ({ id }) => {
      await server.kill();
      own.recorder.appended([1, 2, 3, 4, 5].map(eventOf));
      await until(() => log.some(({ facts }) => facts['count'] === 3));
      expect(log.find(({ facts }) => facts['count'] === 3)).toMatchObject({
        level: 'error',
        facts: { operations: [id], err: expect.any(Error) },
      });
      await server.restart();
      // The end is tried for no longer than the rest, so the connection has to be back.
      await own.get(id);
    });
    await own.close({ timeout: 30_000 });
    expect(log.filter(({ facts }) => facts['count'] === 2)).toMatchObject([{ level: 'error' }]);
    expect(await Array.fromAsync(own.list())).toMatchObject([{ state: 'succeeded' }]);
  }, 60_000);

  it('at the end of the process does not hold up its stop', async () => {
    await operations.operation(open, async () => {
      await server.kill();
    });
    await operations.close({ timeout: 200 });
    expect(log).toMatchObject([{ level: 'error', facts: { count: 1 } }]);
    await server.restart();
  }, 60_000);
});

describe('reading', () => {
  it('goes on where the server comes back', async () => {
    const id = await operations.operation(open, (context) => context.id);
    await operations.close();
    await server.kill();
    const chain = operations.get(id);
    const all = Array.fromAsync(operations.list());
    await server.restart();
    expect((await chain)?.operation?.state).toBe('succeeded');
    expect(await all).toHaveLength(1);
  }, 60_000);

  it('over a closed connection fails at once, with an error that says so', async () => {
    const id = await operations.operation(open, (context) => context.id);
    await operations.close();
    await connection.close();
    const failure = { code: 'OPERATIONS_READ', stream: 'blog_operations' };
    await expect(operations.get(id)).rejects.toMatchObject(failure);
    await expect(Array.fromAsync(operations.list())).rejects.toMatchObject(failure);
  });
});

describe('a process that is killed in an operation', () => {
  it('leaves it running, with its start and the name of the process', async () => {
    const script = fileURLToPath(new URL('killed-process.fixture.ts', import.meta.url));
    const child = fork(script, [server.url], { execArgv: [] });
    const [id] = (await once(child, 'message')) as [string];
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await operations.get(id)).toMatchObject({
      operation: { state: 'running', startedAt: expect.any(Date), instance: 'the one that dies' },
    });
    expect(await Array.fromAsync(operations.list({ state: 'running' }))).toMatchObject([{ id }]);
  });
});
