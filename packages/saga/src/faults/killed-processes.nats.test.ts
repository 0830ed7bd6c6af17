import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startNatsServer } from '@pipit/nats-server';
import { afterEach, expect, it } from 'vitest';
import { openTransfers } from './open-sagas.fixture.ts';
import { Account, Approved, deposit, Office } from './transfer.fixture.ts';

const isLong = process.env['PIPIT_FAULTS'] === 'long';
const [rounds, transfers] = isLong ? [40, 60] : [2, 20];
const program = fileURLToPath(new URL('transfer-process.fixture.ts', import.meta.url));
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
  `neither loses nor doubles money, though processes that drive transfers are killed ${rounds} times, and the server once`,
  async () => {
    const server = await startNatsServer();
    cleanUp.push(() => server.stop());
    const { store, sagas, transfer, close } = await openTransfers(server.url, () => {}, { isDriven: false });
    cleanUp.push(close);
    const told = new Set<string>();
    const start = () => {
      const child = spawn(process.execPath, [program, server.url], { stdio: ['ignore', 'pipe', 'inherit'] });
      cleanUp.push(() => kill(child));
      createInterface({ input: child.stdout }).on('line', (key) => told.add(key));
      return child;
    };
    const accounts = ['a', 'b', 'c', 'd'];
    for (const account of accounts) await store.append(Account, account, deposit(100_000));

    const processes = [start(), start()];
    const ids: string[] = [];
    const approved = new Set<string>();
    for (let round = 0; round < rounds; round += 1) {
      for (let n = 0; n < transfers; n += 1) {
        const id = `${round}-${n}`;
        ids.push(id);
        const [from = '', to = ''] = [accounts[n % 4], n % 5 === 0 ? 'nowhere' : accounts[(n + 1) % 4]];
        await sagas.start(transfer, id, { from, to, amount: 1 + n, reference: id });
      }
      // Somewhere on the way, which is another place each time; every seventh is never approved.
      const asked = () => ids.filter((id) => told.has(`transfer/${id}/ask`));
      const until = round * transfers + Math.floor((transfers * ((round * 7) % 5)) / 5) + 1;
      await expect
        .poll(() => asked().length, { timeout: 60_000, interval: 10 })
        .toBeGreaterThanOrEqual(until);
      const killed = processes.shift();
      if (killed !== undefined) await kill(killed);
      for (const id of asked()) {
        if (approved.has(id) || ids.indexOf(id) % 7 === 0) continue;
        approved.add(id);
        await store.append(Office, 'main', Approved.create({ transfer: id }));
      }
      if (round === 1) {
        await server.kill();
        await server.restart();
      }
      processes.push(start());
    }
    for (const id of ids) {
      if (!approved.has(id) && ids.indexOf(id) % 7 !== 0)
        await store.append(Office, 'main', Approved.create({ transfer: id }));
    }

    const unfinished = async () => {
      const running = await Array.fromAsync(
        sagas.list({ state: ['running', 'compensating', 'needs-attention'] }),
      );
      return running.map(({ id, state, waitingFor }) => ({ id, state, waitingFor }));
    };
    await expect.poll(unfinished, { timeout: 90_000, interval: 200 }).toEqual([]);

    const loaded = await Promise.all(accounts.map((account) => store.load(Account, account)));
    expect(loaded.reduce((sum, { state }) => sum + state.balance, 0)).toBe(400_000);
    const moves = loaded.flatMap(({ state }) => state.movedBy).filter((by) => by !== 'deposit');
    expect(new Set(moves).size, 'each move once').toBe(moves.length);
    const ended = await Array.fromAsync(sagas.list());
    expect(ended).toHaveLength(ids.length);
    expect(new Set(ended.map(({ state }) => state))).toEqual(new Set(['completed', 'compensated']));
    for (const { id, state } of ended) {
      const moved = moves
        .filter((by) => by.startsWith(`transfer/${id}/`))
        .map((by) => by.split('/').slice(2).join('/'));
      expect([id, state, moved.toSorted()]).toEqual(
        state === 'completed'
          ? [id, state, ['bring', 'take']]
          : [id, 'compensated', ['take', 'take/compensate']],
      );
      expect(await store.keyOwner('reference', id)).toEqual(
        state === 'completed' ? { type: 'account', id: `reference-${id}` } : undefined,
      );
      if (state === 'completed') expect(told).toContain(`transfer/${id}/report`);
    }
  },
  isLong ? 3_600_000 : 240_000,
);
