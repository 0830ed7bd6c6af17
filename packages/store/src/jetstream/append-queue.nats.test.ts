import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { json, subjectLayouts } from '@pipit/types-registry';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newEventId } from '../append/new-event-id.ts';
import { jetStreamStore } from '../jetstream.ts';
import { Account } from './account.fixture.ts';
import { openApi } from './api.ts';
import { jetStreamLog } from './jetstream-log.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let server: NatsServer;
let connection: NatsConnection;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connect({ servers: server.url });
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

it('appends that are done are forgotten while others keep the line of their aggregate from emptying', async () => {
  await (await jetStreamStore({ connection, name: 'bank', aggregates: [Account] })).close();
  const api = await openApi(connection, {});
  const log = await jetStreamLog(api, 'bank', subjectLayouts.aggregate);
  const append = () => {
    const payload = { contentType: json.contentType, schemaVersion: 1, bytes: json.encode({ cents: 1 }) };
    const draft = { id: newEventId(), type: 'deposited', time: new Date(), metadata: {}, payload };
    const part = { aggregate: { type: 'account', id: 'hot' }, expected: 'any' as const, drafts: [draft] };
    return log.append({ parts: [part], mayRepeat: false, timeout: 10_000 });
  };
  const results: WeakRef<object>[] = [];
  const remember = async (waiting: Promise<object>) => void results.push(new WeakRef(await waiting));
  let next = append();
  for (let count = 0; count < 100; count += 1) {
    const current = next;
    next = append();
    await remember(current);
  }
  // A weak reference holds its target until the task that made or read it is over.
  await new Promise(setImmediate);
  collectGarbage();
  expect(results.filter((result) => result.deref() !== undefined).length).toBeLessThan(5);
  expect(await next).toMatchObject({ parts: [{ revision: 101 }] });
  await log.close();
});
