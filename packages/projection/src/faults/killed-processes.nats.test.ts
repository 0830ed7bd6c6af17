import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connect } from '@nats-io/transport-node';
import { startNatsServer } from '@pipit/nats-server';
import { jetStreamStore } from '@pipit/store/jetstream';
import { afterEach, expect, it } from 'vitest';
import { User } from '../blog.fixture.ts';
import { startPostgres } from '../postgres/postgres-server.fixture.ts';
import { pgDatabase } from '../postgres.ts';
import { viewOf } from '../view.ts';
import { appendRenames } from './append-renames.fixture.ts';
import { countedNames } from './counted-names.fixture.ts';
import { isLong } from './seed.fixture.ts';

const [rounds, events, users] = isLong ? [40, 10_000, 500] : [3, 4_000, 200];
const program = fileURLToPath(new URL('projection-process.fixture.ts', import.meta.url));
const cleanUp: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const release of cleanUp.splice(0).toReversed()) await release();
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

it(
  `shows each event once, though processes that build the rows are killed ${rounds} times`,
  async () => {
    const [server, postgres] = await Promise.all([startNatsServer(), startPostgres()]);
    cleanUp.push(
      () => server.stop(),
      () => postgres.stop(),
    );
    const connection = await connect({ servers: server.url });
    cleanUp.push(() => connection.close());
    const store = await jetStreamStore({ connection, name: 'blog', aggregates: [User] });
    const names = countedNames(pgDatabase(postgres.pool()), { shards: 4 });
    const view = viewOf(names);
    const database = `postgres://postgres:password@127.0.0.1:${postgres.port}/postgres`;
    const start = () => {
      const child = spawn(process.execPath, [program, server.url, database], { stdio: 'inherit' });
      cleanUp.push(() => kill(child));
      return child;
    };
    const changes = async () => (await view.find()).reduce((sum, row) => sum + row.changes, 0);

    const processes = [start(), start()];
    for (let round = 0; round < rounds; round += 1) {
      await appendRenames(store, events, users);
      // Somewhere on the way, which is another place each time.
      const until = round * events + ((round * 7) % 5) * (events / 5);
      await expect.poll(changes, { timeout: 60_000, interval: 10 }).toBeGreaterThanOrEqual(until);
      const killed = processes.shift();
      if (killed !== undefined) await kill(killed);
      processes.push(start());
    }
    await view.waitFor(await store.position(), { timeout: 60_000 });
    const rows = await view.find();
    expect(rows).toHaveLength(users);
    expect(new Set(rows.map((row) => row.changes))).toEqual(new Set([(rounds * events) / users]));
  },
  isLong ? 3_600_000 : 180_000,
);
