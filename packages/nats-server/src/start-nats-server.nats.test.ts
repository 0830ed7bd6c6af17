import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { type ConnectionOptions, connect, type NatsConnection } from '@nats-io/transport-node';
import { expect, onTestFinished, test, vi } from 'vitest';
import { NatsServerStoppedError, PortInUseError, StoreInUseError } from './errors.ts';
import type { NatsServer } from './nats-server.ts';
import { describeProcess } from './process-info.ts';
import { type StartOptions, startNatsServer } from './start-nats-server.ts';

test('a started server answers JetStream requests at once', async () => {
  const server = await start();
  const connection = await client(server);
  expect(connection.info?.version).toBe(server.version);
  expect((await jetstreamManager(connection)).jetstream().apiPrefix).toBe('$JS.API');
  await publish(connection, 3);
  expect(await messages(connection)).toBe(3);
});

test('the pid is the one of nats-server itself, and it listens on the loopback address only', async () => {
  const server = await start();
  expect((await describeProcess(server.pid))?.command).toContain(server.binary);
  const response = await fetch(`${server.monitorUrl}/varz`);
  expect(await response.json()).toMatchObject({
    host: '127.0.0.1',
    port: server.port,
    http_host: '127.0.0.1',
  });
});

test('a temporary store is gone after stop, which may be called again', async () => {
  const server = await start();
  expect(existsSync(server.storeDir)).toBe(true);
  await Promise.all([server.stop(), server.stop()]);
  await server.stop();
  expect(existsSync(server.storeDir)).toBe(false);
  expect(await describeProcess(server.pid)).toBeUndefined();
});

test('a kept store has its messages after stop and another start', async () => {
  const storeDir = await folder();
  const first = await start({ storeDir });
  await publish(await client(first), 5);
  await first.stop();
  const second = await start({ storeDir });
  expect(await messages(await client(second))).toBe(5);
});

test('a killed server restarts on the same port with every acknowledged message', async () => {
  const server = await start();
  const { pid, url } = server;
  await publish(await client(server), 200);
  await server.kill();
  expect(await describeProcess(pid)).toBeUndefined();
  await server.restart();
  expect(server.pid).not.toBe(pid);
  expect(server.url).toBe(url);
  expect(await messages(await client(server))).toBe(200);
});

test('a server that ends by itself says so, and restarts on the same port; one that was ended says that', async () => {
  const server = await start();
  const { url } = server;
  await publish(await client(server), 2);
  process.kill(server.pid, 'SIGKILL');
  expect(await server.exited).toEqual({ exitCode: 137, expected: false });
  await server.restart();
  expect(server.url).toBe(url);
  expect(await messages(await client(server))).toBe(2);

  const killed = server.exited;
  await server.kill();
  expect(await killed).toEqual({ exitCode: 137, expected: true });
});

test('a server that runs can be restarted; restarting it twice at once is one restart', async () => {
  const server = await start();
  await publish(await client(server), 1);
  await Promise.all([server.restart(), server.restart()]);
  expect(await messages(await client(server))).toBe(1);
});

test('another server may take over the folder and port of a killed one, whose stop leaves it alone', async () => {
  const first = await start();
  await publish(await client(first), 2);
  await first.kill();
  const second = await start({ storeDir: first.storeDir, port: first.port });
  await first.stop();
  expect(second.url).toBe(first.url);
  expect(await messages(await client(second))).toBe(2);
  await second.stop();
  await rm(first.storeDir, { recursive: true });
});

test('stop removes the temporary folder of a killed server', async () => {
  const server = await start();
  await server.kill();
  expect(existsSync(server.storeDir)).toBe(true);
  await server.stop();
  expect(existsSync(server.storeDir)).toBe(false);
});

test('a stopped server cannot be restarted', async () => {
  const server = await start();
  await server.stop();
  await expect(server.restart()).rejects.toThrow(NatsServerStoppedError);
});

test('a folder that a running server uses is refused, naming the process that started it', async () => {
  const storeDir = await folder();
  const server = await start({ storeDir });
  const error = await start({ storeDir }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StoreInUseError);
  expect(error).toMatchObject({ starterPid: process.pid, serverPid: server.pid, storeDir });
  await server.restart();
});

test('a port in use is refused by its number', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const error = await start({ port }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(PortInUseError);
  expect(error).toMatchObject({ code: 'PORT_IN_USE', port });
});

test('many servers start at the same time without meeting on a port', async () => {
  const servers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => start()));
  expect(new Set(servers.map(({ url }) => url)).size).toBe(6);
});

test('further configuration reaches the server, also a password with special characters', async () => {
  const pass = '$2a$ "quoted" \\ {x}';
  const server = await start({
    config: {
      max_payload: 2048,
      authorization: { user: 'ada', password: pass },
      jetstream: { max_file_store: 1e9 },
    },
  });
  await expect(client(server)).rejects.toThrow(/authorization/i);
  const connection = await client(server, { user: 'ada', pass });
  expect(connection.info?.max_payload).toBe(2048);
  await publish(connection, 1);
});

test('a configuration the server refuses is an error with its last log lines, and leaves nothing behind', async () => {
  // In the system's own folder other tests start and stop servers at the same time.
  const temporary = await folder();
  vi.stubEnv('TMPDIR', temporary);
  onTestFinished(() => void vi.unstubAllEnvs());
  const error = await start({ config: { no_such_setting: true } }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'NATS_SERVER_START', reason: 'exited' });
  expect(String(error)).toContain('no_such_setting');
  expect(await readdir(temporary)).toEqual([]);
});

test('a server that does not answer in time is an error, and does not stay behind', async () => {
  const storeDir = await folder();
  const error = await start({ storeDir, startTimeout: 1 }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'NATS_SERVER_START', reason: 'timeout' });
  await (await start({ storeDir })).stop();
});

test('without JetStream the server starts as a plain one', async () => {
  const server = await start({ jetStream: false });
  expect((await client(server)).info?.jetstream ?? false).toBe(false);
});

test.each([0, -1, 65_536, 1.5, Number.NaN])('port %s is refused', async (port) => {
  await expect(start({ port })).rejects.toMatchObject({ code: 'INVALID_SERVER_OPTION', option: 'port' });
});

async function start(options: StartOptions = {}): Promise<NatsServer> {
  const server = await startNatsServer(options);
  onTestFinished(() => server.stop());
  return server;
}

async function client(server: NatsServer, options: ConnectionOptions = {}): Promise<NatsConnection> {
  const connection = await connect({ servers: server.url, reconnect: false, ...options });
  onTestFinished(() => connection.close());
  return connection;
}

async function publish(connection: NatsConnection, count: number): Promise<void> {
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: 'facts', subjects: ['facts.*'] });
  const client = jetstream(connection);
  for (let n = 0; n < count; n++) await client.publish(`facts.${n}`);
}

async function messages(connection: NatsConnection): Promise<number> {
  const manager = await jetstreamManager(connection);
  return (await manager.streams.info('facts')).state.messages;
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'pipit-kept-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}
