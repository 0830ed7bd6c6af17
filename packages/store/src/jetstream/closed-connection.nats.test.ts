import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { ConnectionError } from '@pipit/types-registry';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { jetStreamStore } from '../jetstream.ts';
import { Account, deposit } from './account.fixture.ts';

let server: NatsServer;
let connection: NatsConnection;
const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);

beforeEach(async () => {
  server = await startNatsServer();
  connection = await connect({ servers: server.url, maxReconnectAttempts: 2, reconnectTimeWait: 50 });
  process.on('unhandledRejection', note);
});

afterEach(async () => {
  process.off('unhandledRejection', note);
  await connection.close();
  await server.stop();
});

async function disconnected(): Promise<void> {
  for await (const { type } of connection.status()) if (type === 'disconnect') return;
}

it.each(['closes while it waits', 'is closed already'])(
  'a batch whose connection %s fails its caller only, never the process',
  async (when) => {
    const store = await jetStreamStore({ connection, name: 'bank', aggregates: [Account] });
    const lost = disconnected();
    await server.kill();
    await (when === 'is closed already' ? connection.closed() : lost);
    const batch = store.append(Account, 'a', [deposit(1), deposit(2), deposit(3)], { expected: 'none' });
    await expect(batch).rejects.toThrow(ConnectionError);
    // Node tells of rejections that nobody handles once all microtasks have run.
    await new Promise(setImmediate);
    expect(unhandled).toEqual([]);
  },
);
