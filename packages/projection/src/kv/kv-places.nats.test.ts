import { connect } from '@nats-io/transport-node';
import { startNatsServer } from '@pipit/nats-server';
import { afterEach, expect, it } from 'vitest';
import { kvRepository } from '../kv.ts';
import { change, claimed } from '../testing/contract-changes.ts';
import { contractRow } from '../testing/contract-row.ts';

const cleanUp: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const release of cleanUp.splice(0).toReversed()) await release();
});

it('rows are kept in JetStream of another domain', async () => {
  const server = await startNatsServer({ config: { jetstream: { domain: 'hub' } } });
  cleanUp.push(() => server.stop());
  const connection = await connect({ servers: server.url });
  cleanUp.push(() => connection.close());
  const sent: string[] = [];
  const publish = connection.publish.bind(connection);
  connection.publish = (subject, ...rest) => {
    sent.push(subject);
    publish(subject, ...rest);
  };
  const repository = kvRepository({ connection, name: 'posts', row: contractRow, domain: 'hub' });
  const shard = await claimed(await repository.versions.open(1, { shards: 1 }), 0);
  const keys = Array.from({ length: 50 }, (_, at) => `k${at}`);
  await shard.write(
    keys.map((key) => change(key, { text: key }, 1)),
    1,
  );
  expect((await shard.load(keys)).size).toBe(50);
  expect(await repository.get('k7')).toEqual({ text: 'k7' });
  expect(await repository.find()).toHaveLength(50);
  expect(sent.length).toBeGreaterThan(40);
  expect(sent.filter((subject) => !subject.startsWith('$JS.hub.API.'))).toEqual([]);
});
