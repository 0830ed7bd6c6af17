import { type JetStreamManager, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsCluster, startNatsServer } from '@pipit/nats-server';
import type { LogFacts, Logger } from '@pipit/types-registry';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Operations } from '../../operations.ts';
import { until } from '../../testing/until.ts';
import { jetStreamOperations } from './jetstream-operations.ts';

let server: NatsServer;
let connection: NatsConnection;
let manager: JetStreamManager;
let operations: Operations;
let log: { level: string; facts: LogFacts; message: string }[] = [];
let store = '';
let count = 0;

const line = (level: string) => (facts: LogFacts, message: string) =>
  void log.push({ level, facts, message });
const logger: Logger = { info: line('info'), warn: line('warn'), error: line('error') };
const run = (of = operations) => of.operation({ kind: 'command', name: 'open' }, ({ id }) => id);
const day = 24 * 60 * 60 * 1_000;
const unknown = 'op_0190b5a0-0000-7000-8000-000000000000';

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());

beforeEach(async () => {
  log = [];
  count += 1;
  store = `shop${count}`;
  connection = await connect({ servers: server.url });
  manager = await jetstreamManager(connection);
  operations = await jetStreamOperations({ connection, store, logger });
});
afterEach(async () => {
  await operations.close({ timeout: 100 });
  await connection.close();
});

const configOf = async () => (await manager.streams.info(`${store}_operations`)).config;

describe('the stream of operations', () => {
  it('is not made before there is an operation to record', async () => {
    expect(await operations.get(unknown)).toBeUndefined();
    expect(await Array.fromAsync(operations.list({ from: new Date(0), to: new Date() }))).toEqual([]);
    const event = { id: 'e1', type: 't', aggregate: { type: 'a', id: '1' }, position: 1, time: new Date() };
    const outside = { ...event, correlationId: 'e1', causationId: undefined };
    operations.recorder.appended([outside]);
    operations.recorder.handled({ event: outside, group: 'g', attempt: 1, outcome: 'handled' });
    await operations.close();
    expect(await Array.fromAsync(manager.streams.names())).not.toContain(`${store}_operations`);
  });

  it('keeps records for 90 days, and is of the storage of the store', async () => {
    await manager.streams.add({ name: store, subjects: [`${store}.>`], storage: StorageType.Memory });
    await run();
    expect(await configOf()).toMatchObject({
      subjects: [`${store}_operations.>`],
      max_age: nanos(90 * day),
      max_msgs_per_subject: -1,
      storage: 'memory',
      num_replicas: 1,
      allow_direct: true,
      metadata: { 'pipit-operations': '1' },
    });
  });

  it('keeps them for as long as it was told when it was made', async () => {
    const own = await jetStreamOperations({ connection, store, logger, maxAge: day });
    await run(own);
    expect((await configOf()).max_age).toBe(nanos(day));
    await run();
    expect((await configOf()).max_age).toBe(nanos(day));
    expect(log).toMatchObject([{ level: 'warn', message: expect.stringContaining('max_age') }]);
    expect(await Array.fromAsync(operations.list())).toHaveLength(2);
    await expect(jetStreamOperations({ connection, store, maxAge: 0 })).rejects.toMatchObject({
      code: 'INVALID_OPERATION',
      option: 'maxAge',
    });
  });

  it('forgets what has expired, and shows what is left', async () => {
    const own = await jetStreamOperations({ connection, store, logger, maxAge: 2_000 });
    const id = await run(own);
    await until(async () => (await own.get(id)) === undefined);
    expect(await Array.fromAsync(own.list())).toEqual([]);
  });

  it('that is somebody else’s is refused and left as it is', async () => {
    await manager.streams.add({ name: `${store}_operations`, subjects: [`${store}_operations.x`] });
    await expect(run()).rejects.toMatchObject({
      code: 'OPERATION_NOT_RECORDED',
      cause: { code: 'STREAM_MISMATCH', stream: `${store}_operations` },
    });
    expect((await configOf()).subjects).toEqual([`${store}_operations.x`]);
  });

  it('is made again where it was deleted', async () => {
    await run();
    await manager.streams.delete(`${store}_operations`);
    await run();
    expect(await Array.fromAsync(operations.list())).toHaveLength(1);
  });

  it('is made once by several processes at a time', async () => {
    const others = await Promise.all(
      [1, 2, 3, 4].map(() => jetStreamOperations({ connection, store, logger })),
    );
    await Promise.all(others.map((each) => run(each)));
    await Promise.all(others.map((each) => each.close()));
    expect(await Array.fromAsync(operations.list())).toHaveLength(4);
    expect(log).toEqual([]);
  });

  it('holds CloudEvents', async () => {
    const id = await run();
    await operations.close();
    const message = await manager.streams.getMessage(`${store}_operations`, {
      last_by_subj: `${store}_operations.${id}.start`,
    });
    const header = (name: string) => message?.header.get(name);
    expect(header('ce-specversion')).toBe('1.0');
    expect(header('ce-source')).toBe(`/${store}_operations`);
    expect(header('ce-type')).toBe('operation-started');
    expect(header('ce-correlationid')).toBe(id);
    expect(header('Nats-Msg-Id')).toBe(header('ce-id'));
    expect(message?.json()).toMatchObject({ id, kind: 'command', name: 'open' });
  });

  it('is read also where others wrote into it, which is passed over and logged', async () => {
    const id = await run();
    const subject = `${store}_operations.${id}`;
    for (const [key, body] of Object.entries({
      a: '',
      b: 'no JSON',
      'event.c': '{"record":"later"}',
      d: '[]',
    }))
      await connection.request(`${subject}.${key}`, body);
    await connection.request(`${store}_operations.index.command.open`, 'null');
    await operations.close();
    expect((await operations.get(id))?.operation?.state).toBe('succeeded');
    expect(log).toHaveLength(4);
    expect(await Array.fromAsync(operations.list())).toMatchObject([{ id }]);
    expect(log).toHaveLength(5);
    expect(log[0]).toMatchObject({ level: 'warn', facts: { place: `${id}.a` } });
  });
});

describe('a list', () => {
  it('is read whole where its inputs are more than one answer takes', async () => {
    const input = 'x'.repeat(60_000);
    const work = ({ id }: { id: string }) => id;
    const all = await Promise.all(
      Array.from({ length: 300 }, () => operations.operation({ kind: 'command', name: 'big', input }, work)),
    );
    const found = new Set<string>();
    for await (const { id, input: kept, state } of operations.list()) {
      if (kept === input && state === 'succeeded') found.add(id);
    }
    expect(found).toEqual(new Set(all));
  });

  it('has an operation once, whose entry was written twice', async () => {
    const id = await run();
    const entry = JSON.stringify({ id, startedAt: new Date() });
    await connection.request(`${store}_operations.index.command.open`, entry);
    expect(await Array.fromAsync(operations.list())).toMatchObject([{ id }]);
  });
});

describe('a server', () => {
  it('without JetStream refuses operations at once, and there are none to be read', async () => {
    const plain = await startNatsServer({ jetStream: false });
    const to = await connect({ servers: plain.url });
    const own = await jetStreamOperations({ connection: to, store, logger });
    const failure = { code: 'CONNECTION', reason: 'jetstream-disabled' };
    const timeout = { kind: 'command', name: 'n', timeout: 60_000 } as const;
    await expect(own.operation(timeout, () => {})).rejects.toMatchObject({ cause: failure });
    await expect(own.get(unknown)).rejects.toMatchObject({ code: 'OPERATIONS_READ', cause: failure });
    await expect(Array.fromAsync(own.list())).rejects.toMatchObject({ code: 'OPERATIONS_READ' });
    await own.close({ timeout: 100 });
    await to.close();
    await plain.stop();
  });

  it('that takes small messages only refuses larger inputs', async () => {
    const small = await startNatsServer({ config: { max_payload: 16_384 } });
    const to = await connect({ servers: small.url });
    const own = await jetStreamOperations({ connection: to, store, logger });
    const operation = (input: string) => own.operation({ kind: 'command', name: 'n', input }, ({ id }) => id);
    await expect(operation('x'.repeat(16_384))).rejects.toMatchObject({
      code: 'INVALID_OPERATION',
      option: 'input',
    });
    const id = await operation('x'.repeat(7_000));
    expect((await own.get(id))?.operation?.input).toHaveLength(7_000);
    await own.close();
    await to.close();
    await small.stop();
  });

  it('of three takes them too', async () => {
    const cluster = await startNatsCluster();
    const to = await connect({ servers: cluster.servers.map(({ url }) => url) });
    const own = await jetStreamOperations({ connection: to, store, logger, replicas: 3 });
    const operation = { kind: 'command', name: 'n', timeout: 20_000 } as const;
    const id = await own.operation(operation, (context) => context.id);
    await own.close();
    // Any replica answers.
    await until(async () => (await own.get(id))?.operation?.state === 'succeeded');
    await until(async () => (await Array.fromAsync(own.list({ state: 'succeeded' }))).length === 1);
    await to.close();
    await cluster.stop();
  }, 60_000);
});
