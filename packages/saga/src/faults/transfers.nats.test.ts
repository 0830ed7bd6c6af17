import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTransfers } from './open-sagas.fixture.ts';
import { Account, Approved, deposit, Office } from './transfer.fixture.ts';

let server: NatsServer;
const closing: (() => Promise<void>)[] = [];
const told: string[] = [];

beforeEach(async () => {
  told.length = 0;
  server = await startNatsServer();
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await server.stop();
});

async function open(isDriven = true) {
  const opened = await openTransfers(server.url, (key) => void told.push(key), { isDriven });
  closing.push(opened.close);
  return opened;
}

const input = { from: 'a', to: 'b', amount: 10, reference: 'r1' };
const patience = { timeout: 20_000 };

type Opened = Awaited<ReturnType<typeof open>>;

async function balances({ store }: Opened) {
  const [a, b] = await Promise.all([store.load(Account, 'a'), store.load(Account, 'b')]);
  return [a.state.balance, b.state.balance];
}

const details = ({ sagas }: Opened, id: string) => sagas.get({ name: 'transfer', id });
const state = async (opened: Opened, id: string) => (await details(opened, id))?.state;
const approve = ({ store }: Opened, transfer: string) =>
  store.append(Office, 'main', Approved.create({ transfer }));

it('what a step appends is stored with its success, by all of its aggregates', async () => {
  const bank = await open();
  await bank.store.append(Account, 'a', deposit(100));
  await bank.sagas.start(bank.transfer, 't1', input);
  await expect.poll(() => told, patience).toEqual(['transfer/t1/ask']);
  expect(await balances(bank)).toEqual([90, 0]);
  const [taken] = await Array.fromAsync(
    bank.store.read({ aggregate: bank.transfer.aggregate, id: 't1', fromRevision: 2, toRevision: 2 }),
  );
  const [moved] = await Array.fromAsync(bank.store.read({ aggregate: Account, id: 'a', fromRevision: 2 }));
  expect(Math.abs((taken?.position ?? 0) - (moved?.position ?? 0))).toBeLessThan(4);
  expect(moved?.correlationId).toBe(taken?.correlationId);
  await approve(bank, 't1');
  await expect.poll(() => state(bank, 't1'), patience).toBe('completed');
  expect(await balances(bank)).toEqual([90, 10]);
  expect(told).toEqual(['transfer/t1/ask', 'transfer/t1/report']);
});

it('a decision that refuses fails its step at once, and what was done before is undone', async () => {
  const bank = await open();
  await bank.store.append(Account, 'a', deposit(100));
  await bank.sagas.start(bank.transfer, 'poor', { ...input, amount: 101 });
  await expect.poll(() => state(bank, 'poor'), patience).toBe('compensated');
  expect(await details(bank, 'poor')).toMatchObject({
    failure: { step: 'take', error: { name: 'OverdrawnError' } },
  });
  await bank.sagas.start(bank.transfer, 'lost', { ...input, to: 'nowhere' });
  await approve(bank, 'lost');
  await expect.poll(() => state(bank, 'lost'), patience).toBe('compensated');
  expect(await balances(bank)).toEqual([100, 0]);
  expect(await bank.store.keyOwner('reference', 'r1')).toBeUndefined();
});

it('a key that another one has fails the step, which is tried again', async () => {
  const bank = await open();
  await bank.store.append(Account, 'a', deposit(100));
  await bank.sagas.start(bank.transfer, 't1', input);
  await approve(bank, 't1');
  await expect.poll(() => state(bank, 't1'), patience).toBe('completed');
  await bank.sagas.start(bank.transfer, 't2', { ...input, reference: 'r1' });
  await expect.poll(() => state(bank, 't2'), patience).toBe('compensated');
  const { history } = (await details(bank, 't2')) ?? {};
  expect(history?.filter(({ what }) => what === 'step-failed')).toHaveLength(3);
  expect(history?.[1]).toMatchObject({ error: { code: 'KEY_TAKEN' } });
  // What else the step appends was not stored either.
  expect((await bank.store.load(Account, 'a')).state.movedBy).not.toContain('transfer/t2/take');
});

it('many transfers from one account each find it as the one before has left it', async () => {
  const bank = await open();
  await bank.store.append(Account, 'a', deposit(100));
  const ids = Array.from({ length: 20 }, (_, n) => `t${n}`);
  await Promise.all(ids.map((id) => bank.sagas.start(bank.transfer, id, { ...input, reference: id })));
  // Those that find money take it, at most ten at a time; nobody approves them, so that each brings it back.
  const undone = async () => (await Array.fromAsync(bank.sagas.list({ state: 'compensated' }))).length;
  await expect.poll(undone, patience).toBe(20);
  const { balance, movedBy } = (await bank.store.load(Account, 'a')).state;
  expect(balance).toBe(100);
  let left = 100;
  for (const by of movedBy.slice(1)) {
    left += by.endsWith('/take') ? -10 : 10;
    expect(left).toBeGreaterThanOrEqual(0);
  }
  expect(told.length).toBeGreaterThanOrEqual(10);
  expect(movedBy).toHaveLength(1 + 2 * told.length);
});

it('timers that came due while everything was down ring when it is back', async () => {
  const first = await open();
  await first.store.append(Account, 'a', deposit(100));
  await first.sagas.start(first.transfer, 't1', input);
  await expect.poll(async () => (await details(first, 't1'))?.waitingFor?.step, patience).toBe('approval');
  const until = (await details(first, 't1'))?.waitingFor?.until ?? new Date();
  await closing.shift()?.();
  process.kill(server.pid, 'SIGTERM');
  await expect.poll(() => new Date() > until, patience).toBe(true);
  await server.restart();
  const second = await open();
  await expect.poll(() => state(second, 't1'), patience).toBe('compensated');
  expect(await balances(second)).toEqual([100, 0]);
  expect(await details(second, 't1')).toMatchObject({ failure: { reason: 'deadline' } });
});

it('an event that comes before it is waited for, and one for nobody, do no harm', async () => {
  const bank = await open();
  await approve(bank, 'nobody');
  await bank.store.append(Account, 'a', deposit(100));
  const idle = await open(false);
  await bank.sagas.stop();
  await idle.sagas.start(idle.transfer, 'early', input);
  const again = await open();
  await approve(again, 'early');
  await expect.poll(() => state(again, 'early'), patience).toBe('completed');
});
