import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { jetStreamStore } from '@pipit/store/jetstream';
import { Pool } from 'pg';
import { type EventReader, runProjection } from '../index.ts';
import { pgDatabase, postgresRepository } from '../postgres.ts';
import { Account, balance } from './deposits.fixture.ts';
import { balancesIn } from './rebuild.fixture.ts';
import type { Build, ProcessOptions } from './shard-processes.fixture.ts';

/** A process that builds the rows of its shards when it is told to, and says when it has them, and when it has ended. */
const { servers, store: log, database } = JSON.parse(process.argv[2] ?? '') as ProcessOptions;
const connection = await connect({ servers, maxReconnectAttempts: -1 });
const store = await jetStreamStore({ connection, name: log, aggregates: [Account] });
const db = pgDatabase(new Pool({ ...database, max: 4 }));
const told = { go: Promise.withResolvers<void>(), end: Promise.withResolvers<void>() };

process.on('message', (message: Build | 'go' | 'end') => {
  if (typeof message === 'string') told[message].resolve();
  else void build(message);
});
process.send?.('started');

async function build({ schema, shards, share }: Build): Promise<void> {
  told.go = Promise.withResolvers();
  told.end = Promise.withResolvers();
  const balances = balancesIn(postgresRepository({ db, name: 'balances', row: balance, schema }), shards);
  const running = runProjection(waiting(store, told.go.promise), balances, { lease: 3_000 });
  while (running.shards.length !== share) await delay(10);
  process.send?.('ready');
  await told.end.promise;
  await running.stop();
  process.send?.('ended');
}

/** Reads nothing before all processes have their shards. */
function waiting({ name, position, read, follow }: EventReader, go: Promise<void>): EventReader {
  return {
    name,
    position,
    read,
    async *follow(options) {
      await go;
      yield* follow(options);
    },
  };
}
