import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { startNatsServer } from '@pipit/nats-server';
import { expect, it } from 'vitest';
import type { DirectStream } from './direct-get.ts';
import { newestFirst } from './newest-first.ts';

it('a stream is read backwards, where it holds few of them and where it holds many', async () => {
  const server = await startNatsServer();
  const connection = await connect({ servers: server.url });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: 't', subjects: ['t.*'], allow_direct: true });
  const stream: DirectStream = { connection, prefix: '$JS.API', name: 't', exists: async () => true };
  const wanted: number[] = [];
  let sequence = 0;
  const fill = async (subject: string, count: number) => {
    for (let each = 0; each < count; each += 1) {
      sequence += 1;
      if (subject === 't.a') wanted.push(sequence);
      connection.publish(subject, 'x');
    }
    await connection.flush();
  };
  for (const [few, many] of [
    [3, 2_000],
    [0, 900],
    [1, 5_000],
  ] as const) {
    await fill('t.a', many);
    await fill('t.b', 2_000);
    await fill('t.a', few);
    await fill('t.b', 2_000);
  }
  const read = async (first: number, last: number) => {
    const found: number[] = [];
    for await (const page of newestFirst(stream, 't.a', { first, last })) {
      expect(page.length).toBeLessThanOrEqual(256);
      found.push(...page.map((message) => message.sequence));
    }
    return found;
  };
  expect(await read(1, sequence)).toEqual(wanted.toReversed());
  const inside = wanted.filter((each) => each >= 1_500 && each <= 5_500);
  expect(await read(1_500, 5_500)).toEqual(inside.toReversed());
  expect(await read(sequence - 10, sequence)).toEqual([]);
  await connection.close();
  await server.stop();
});
