import { connect } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { defineAggregate } from '@pipit/store';
import { jetStreamStore } from '@pipit/store/jetstream';
import { defineEvent } from '@pipit/types-registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { logTo } from '../../testing/log-to.ts';
import { until } from '../../testing/until.ts';
import { openBus } from '../jetstream-bus.ts';

const Scanned = defineEvent('page-scanned', z.object({ text: z.string() }));
const Page = defineAggregate('page', {
  events: [Scanned],
  initial: {},
  evolve: { 'page-scanned': (state) => state },
});

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer({ config: { max_payload: 65_536 } });
});
afterAll(() => server.stop());

/** A store that has the largest event it takes, and then a small one of the same page. */
async function openFull(name: string) {
  const connection = await connect({ servers: server.url });
  const store = await jetStreamStore({ connection, name, aggregates: [Page] });
  let size = 65_536;
  for (; ; size -= 1) {
    const error = await store.append(Page, 'p1', Scanned.create({ text: 'x'.repeat(size) })).catch((e) => e);
    if (!(error instanceof Error)) break;
    expect(error).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  }
  await store.append(Page, 'p1', Scanned.create({ text: 'x'.repeat(size) }));
  const open = () => openBus({ connection, store: name, aggregates: [Page], logger: logTo([]) }, 2_000);
  return { size, bus: await open(), close: () => connection.close() };
}

describe.each(['key', 'none'] as const)(
  'the largest events a store can take, in a group with order %s,',
  (order) => {
    it('become dead letters and parked, and are listed, read, redriven and handled like any other', async () => {
      const { size, bus, close } = await openFull(`full-${order}`);
      const sizes: number[] = [];
      let bad = true;
      const handle = ({ data }: { data: { text: string } }) => {
        if (bad) throw new Error('no');
        sizes.push(data.text.length);
      };
      const retry = { attempts: 2, backoff: () => 10, jitter: 0 };
      bus.subscribe({ group: 'read', order, retry, on: { 'page-scanned': handle } } as never);
      const list = () => Array.fromAsync(bus.deadLetters.list({ state: 'all' }));
      await until(async () => (await list()).length === 2);
      const first = { id: 'read.1', state: 'dead', attempts: 2, type: 'page-scanned', errors: [{}, {}] };
      const second = order === 'key' ? { ...first, state: 'parked', attempts: 0, errors: [] } : first;
      expect((await list()).sort((a, b) => a.position - b.position)).toMatchObject([
        first,
        { ...second, id: 'read.2' },
      ]);
      expect(await bus.deadLetters.get('read.1')).toMatchObject(first);
      await bus.deadLetters.redrive('read.1');
      await until(async () => (await bus.deadLetters.get('read.1'))?.attempts === 4);
      bad = false;
      await bus.deadLetters.redrive('read.1');
      if (order === 'none') await bus.deadLetters.redrive('read.2');
      await until(async () => (await list()).length === 0);
      expect(sizes).toEqual([size, size]);
      await bus.stop();
      await close();
    });
  },
);
