import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { ConnectionError, TimeoutError } from '@pipit/types-registry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutcomeUnknownError } from '../../command-errors.ts';
import { Find, Touch } from '../../testing/command-definitions.ts';
import { settled, until } from '../../testing/until.ts';
import { type Instances, openInstances } from './commands.fixture.ts';

let server: NatsServer;
let instances: Instances;
beforeEach(async () => {
  // Commands need no JetStream.
  server = await startNatsServer({ jetStream: false });
  instances = openInstances(server);
});
afterEach(async () => {
  await instances.close();
  await server.stop();
});

/** Fulfilled when the connection knows that it is down. */
async function down(connection: Awaited<ReturnType<Instances['connected']>>): Promise<void> {
  for await (const { type } of connection.status()) if (type === 'disconnect') return;
}

describe('a server that is killed', () => {
  it('leaves the outcome of a command unknown, which its sender is told at once, and not sent twice', async () => {
    const seen: string[] = [];
    const handler = await instances.instance();
    await handler.handle(Touch, ({ data }) => Promise.all([seen.push(data.id), data.id === 'p1' && never]))
      .ready;
    const commands = await instances.instance();
    const sent = settled(commands.send(Touch, { id: 'p1' }, { timeout: 60_000 }));
    await until(() => seen.length === 1);
    await server.kill();
    expect(await sent).toBeInstanceOf(OutcomeUnknownError);
    expect(await sent).toMatchObject({ code: 'OUTCOME_UNKNOWN', reason: 'connection-lost', type: 'touch' });
    await server.restart();
    await commands.send(Touch, { id: 'p2' });
    expect(seen).toEqual(['p1', 'p2']);
  });

  it('makes a query come again, and its sender gets the answer', async () => {
    let calls = 0;
    const handler = await instances.instance();
    await handler.handle(Find, () => {
      calls += 1;
      return calls === 1 ? never : { title: 'second' };
    }).ready;
    const commands = await instances.instance();
    const sent = commands.send(Find, { id: 'p1' }, { timeout: 60_000 });
    await until(() => calls === 1);
    await server.kill();
    await server.restart();
    expect(await sent).toEqual({ title: 'second' });
  });

  it('keeps what is sent meanwhile until it is back, and it is handled once', async () => {
    const seen: string[] = [];
    const handler = await instances.instance();
    await handler.handle(Touch, ({ data }) => seen.push(data.id)).ready;
    const connection = await instances.connected();
    const commands = await instances.instance({ connection });
    const lost = down(connection);
    await server.kill();
    await lost;
    const sent = Array.from({ length: 20 }, (_, index) =>
      commands.send(Touch, { id: `p${index}` }, { timeout: 60_000 }),
    );
    await server.restart();
    await Promise.all(sent);
    expect(seen.toSorted()).toEqual(Array.from({ length: 20 }, (_, index) => `p${index}`).toSorted());
  });

  it('and stays away makes a command fail at its deadline, with nothing sent', async () => {
    const connection = await instances.connected();
    const commands = await instances.instance({ connection });
    const lost = down(connection);
    await server.kill();
    await lost;
    const sent = commands.send(Touch, { id: 'p1' }, { timeout: 100 });
    await expect(sent).rejects.toThrow(ConnectionError);
    await expect(sent).rejects.toMatchObject({ code: 'CONNECTION', reason: 'unreachable' });
    await server.restart();
  });
});

describe('a connection', () => {
  it('of a handler that is lost while it works brings the answer when it is back', async () => {
    const connection = await instances.connected();
    const handler = await instances.instance({ connection });
    const begun = Promise.withResolvers<void>();
    const gone = down(connection);
    await handler.handle(Touch, () => {
      begun.resolve();
      return gone;
    }).ready;
    const commands = await instances.instance();
    const sent = commands.send(Touch, { id: 'p1' }, { timeout: 60_000 });
    await begun.promise;
    await connection.reconnect();
    expect(await sent).toBeUndefined();
  });

  it('that is closed ends the waiting, and refuses what comes after it', async () => {
    const begun = Promise.withResolvers<void>();
    await (await instances.instance()).handle(Touch, () => {
      begun.resolve();
      return never;
    }).ready;
    const connection = await instances.connected();
    const commands = await instances.instance({ connection });
    const sent = settled(commands.send(Touch, { id: 'p1' }, { timeout: 60_000 }));
    await begun.promise;
    await connection.close();
    expect(await sent).toMatchObject({ code: 'OUTCOME_UNKNOWN', reason: 'connection-lost' });
    await expect(commands.send(Touch, { id: 'p2' })).rejects.toThrow(ConnectionError);
    const handling = commands.handle(Touch, () => {});
    await expect(handling.ready).rejects.toMatchObject({ code: 'HANDLE_FAILED' });
    await commands.stop();
  });

  it('that is closed after a stop has carried every answer', async () => {
    const connection = await instances.connected();
    const handler = await instances.instance({ connection });
    const end = Promise.withResolvers<void>();
    let begun = 0;
    await handler.handle(Touch, () => {
      begun += 1;
      return end.promise;
    }).ready;
    const commands = await instances.instance();
    const sent = Array.from({ length: 50 }, () => commands.send(Touch, { id: 'p1' }, { timeout: 60_000 }));
    await until(() => begun === 50);
    const stopped = handler.stop();
    end.resolve();
    await stopped;
    await connection.close();
    await Promise.all(sent);
  });

  it('that is closed under a handler is an error in the log', async () => {
    const connection = await instances.connected();
    const handler = await instances.instance({ connection });
    await handler.handle(Touch, () => {}).ready;
    await connection.close();
    await until(() =>
      instances.log.some((line) => line.startsWith('error The connection was closed under 1')),
    );
    await handler.stop();
  });
});

describe('a process that something holds up', () => {
  it('takes the answer that came meanwhile, though its deadline has passed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'answers-'));
    const child = fork(handlingProcess, [server.url, folder], { execArgv: [] });
    expect(await once(child, 'message')).toEqual(['ready', undefined]);
    const commands = await instances.instance();
    expect(await commands.send(Find, { id: 'p1' })).toEqual({ title: 'p1' });
    const timeout = 300;
    const sent = settled(commands.send(Find, { id: 'p2' }, { timeout }));
    await new Promise(setImmediate);
    // Longer than the deadline, and until the answer is out and has had time to come here.
    const begin = performance.now();
    while (!existsSync(join(folder, 'p2')) && performance.now() - begin < 20_000);
    const end = Math.max(performance.now(), begin + timeout) + 200;
    while (performance.now() < end);
    expect(await sent).toEqual({ title: 'p2' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    await rm(folder, { recursive: true });
  });
});

describe('a process that is killed', () => {
  it('in a handler leaves its sender to the deadline, and the next request to another instance', async () => {
    const child = fork(handlingProcess, [server.url, ''], { execArgv: [] });
    expect(await once(child, 'message')).toEqual(['ready', undefined]);
    const commands = await instances.instance();
    const sent = settled(commands.send(Touch, { id: 'p1' }, { timeout: 1_500 }));
    expect(await once(child, 'message')).toEqual(['p1', undefined]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const seen: string[] = [];
    await (await instances.instance()).handle(Touch, ({ data }) => seen.push(data.id)).ready;
    await commands.send(Touch, { id: 'p2' });
    expect(await sent).toBeInstanceOf(TimeoutError);
    expect(seen).toEqual(['p2']);
  });
});

const handlingProcess = fileURLToPath(new URL('handling-process.fixture.ts', import.meta.url));
const never = new Promise<undefined>(() => {});
