import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsCluster, startNatsCluster } from '@pipit/nats-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kvRepository } from '../kv.ts';
import { change, claimed } from '../testing/contract-changes.ts';
import { contractRow } from '../testing/contract-row.ts';
import { testRepository } from '../testing.ts';

let cluster: NatsCluster;
let connections: readonly NatsConnection[] = [];
let views = 0;

beforeAll(async () => {
  cluster = await startNatsCluster({ config: { max_payload: 32 * 1024 * 1024 } });
  connections = await Promise.all(
    cluster.urls.map((servers) => connect({ servers, maxReconnectAttempts: -1, ignoreClusterUpdates: true })),
  );
});

afterAll(async () => {
  for (const connection of connections) await connection.close();
  await cluster?.stop();
});

function open(at: number, name = 'contract') {
  const connection = connections[at] as NatsConnection;
  const bucket = `view_${views}`;
  return kvRepository({ connection, name, row: contractRow, bucket, replicas: 3, timeout: 20_000 });
}

testRepository('NATS KV on three replicas', async () => {
  views += 1;
  return { repository: open(0), another: async () => open(1) };
});

describe('on three replicas', () => {
  it('what has been written is seen by who reads next, over whichever server', async () => {
    views += 1;
    const readers = [0, 1, 2].map((at) => open(at, 'seen'));
    const version = await open(0, 'seen').versions.open(1, { shards: 1 });
    const shard = await claimed(version, 0);
    const keys = Array.from({ length: 60 }, (_, at) => `k${at}`);
    for (let position = 1; position <= 60; position += 1) {
      const loaded = await shard.load(keys);
      const changes = keys.map((key) => change(key, { text: `${position}` }, position, loaded.get(key)));
      await shard.write(changes, position);
      const text = `${position}`;
      const seen = readers.map(async (reader, at) => {
        expect(await reader.get(`k${position % 60}`)).toEqual({ text });
        if (position % 3 !== at) return;
        expect(await reader.getMany(['k1', 'k2'])).toEqual(
          new Map(['k1', 'k2'].map((key) => [key, { text }])),
        );
        expect(await reader.find({ text })).toHaveLength(60);
      });
      await Promise.all(seen);
    }
  }, 60_000);

  it('every row is found while all are written again and again', async () => {
    views += 1;
    const version = await open(0, 'found').versions.open(1, { shards: 1 });
    const shard = await claimed(version, 0);
    const keys = Array.from({ length: 900 }, (_, at) => `k${at}`);
    let position = 0;
    let written = 0;
    let revisions: readonly unknown[] = [];
    async function writeNext(): Promise<void> {
      position += 1;
      const changes = keys.map((key, at) => {
        const made = change(key, { text: `${position}` }, position);
        const before = { row: undefined, position, createdAt: new Date(), updatedAt: new Date() };
        return position === 1 ? made : { ...made, before: { ...before, revision: revisions[at] } };
      });
      revisions = (await shard.write(changes, position)) ?? [];
      written = position;
    }
    await writeNext();
    let isDone = false;
    const writing = (async () => {
      while (!isDone) await writeNext();
    })();
    try {
      for (let round = 0; round < 12; round += 1) {
        const last = written;
        const found = await open(round % 3, 'found').find();
        expect(found).toHaveLength(900);
        expect(Math.min(...found.map(({ text }) => Number(text)))).toBeGreaterThanOrEqual(last);
      }
    } finally {
      isDone = true;
      await writing;
    }
    expect(written).toBeGreaterThan(12);
  }, 60_000);

  it('a write outlasts the loss of a server', async () => {
    views += 1;
    const shard = await claimed(await open(0, 'lost').versions.open(1, { shards: 1 }), 0);
    const leader = cluster.servers[2];
    let position = 0;
    const writeNext = async () => {
      position += 1;
      const key = `k${position}`;
      await shard.write([change(key, { text: key }, position)], position);
    };
    await writeNext();
    await leader?.kill();
    try {
      for (let at = 0; at < 20; at += 1) await writeNext();
    } finally {
      await leader?.restart();
      await cluster.ready();
    }
    expect(await open(2, 'lost').find()).toHaveLength(21);
  }, 60_000);
});
