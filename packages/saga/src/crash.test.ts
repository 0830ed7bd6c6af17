import { memoryStore } from '@pipit/store/memory';
import { expect, it } from 'vitest';
import { Account, Approved, deposit, transferring } from './faults/transfer.fixture.ts';
import { Checked, publishingIn, recorded, world } from './publishing.fixture.ts';
import { testSagas } from './spec/test-sagas.ts';

const ref = { name: 'publishing', id: 'p1' };
const logger = { info() {}, warn() {}, error() {} };

/** Runs the saga to its end: the answer is given, and the clock turned, where nothing goes on without. */
async function run(ending: 'published' | 'refused' | 'late', dieAt: readonly number[] = []) {
  const outside = world();
  outside.breaks((key, attempt) => {
    if (key === 'publishing/p1/ask' && attempt === 1) throw new Error('busy');
    if (key === 'publishing/p1/reserve/compensate' && attempt === 1) throw new Error('busy');
  });
  const saga = publishingIn(outside);
  const test = testSagas({ sagas: [saga], logger, dieAt });

  async function turn(milliseconds: number): Promise<void> {
    test.clock.advance(milliseconds);
    await test.survive();
  }

  await test.survive(() => test.sagas.start(saga, 'p1', { slug: 'hello' }));
  for (let turns = 0; turns < 3; turns += 1) await turn(2_000);
  if (ending === 'late') await turn(3_600_000);
  else {
    const verdict = ending === 'published' ? 'good' : 'bad';
    const event = recorded(Checked, { saga: 'p1', verdict }, 'answer');
    await test.survive(() => test.sagas.deliver(event));
  }
  for (let turns = 0; turns < 4; turns += 1) await turn(2_000);
  const { awaits } = test;
  test.resume();
  const { state, results, failure, history } = (await test.sagas.get(ref)) ?? {};
  await test.sagas.stop();
  // Whether an attempt that died did something is not known, and does not matter where the step succeeds later.
  const changes = history?.map(({ at: _, ...change }) => ({ ...change, inDoubt: undefined }));
  return { end: { state, results, failure, changes, effects: outside.effects }, awaits };
}

const ends = [
  ['published', 'completed'],
  ['refused', 'compensated'],
  ['late', 'compensated'],
] as const;

it.each(ends)(
  '%s: a process that dies at any await is carried on from by the next one, to the same end',
  async (ending, state) => {
    const undisturbed = await run(ending);
    expect(undisturbed.end.state).toBe(state);
    expect(undisturbed.awaits).toBeGreaterThan(40);
    for (let at = 1; at <= undisturbed.awaits; at += 1) {
      const { end } = await run(ending, [at]);
      expect(end, `died at await ${at}`).toEqual(undisturbed.end);
    }
  },
);

it.each(ends)('%s: also where the next one dies as well', async (ending) => {
  const undisturbed = await run(ending);
  for (let at = 1; at <= undisturbed.awaits; at += 3) {
    for (let then = 1; then <= 12; then += 1) {
      const { end } = await run(ending, [at, then]);
      expect(end, `died at await ${at}, then at ${then}`).toEqual(undisturbed.end);
    }
  }
});

/** The same of a saga whose steps append: to an account that is there, or to none. */
async function transfer(to: 'b' | 'nowhere', dieAt: readonly number[] = []) {
  const store = memoryStore({ name: 'bank', aggregates: [Account] });
  await store.append(Account, 'a', deposit(100));
  const told = new Set<string>();
  const saga = transferring((key) => void told.add(key));
  const test = testSagas({ sagas: [saga], logger, dieAt, store });
  const input = { from: 'a', to, amount: 10, reference: 'r1' };
  await test.survive(() => test.sagas.start(saga, 't1', input));
  const event = recorded(Approved, { transfer: 't1' }, 'answer');
  await test.survive(() => test.sagas.deliver(event));
  for (let turns = 0; turns < 4; turns += 1) {
    test.clock.advance(500);
    await test.survive();
  }
  const { awaits } = test;
  test.resume();
  const { state, results, failure } = (await test.sagas.get({ name: 'transfer', id: 't1' })) ?? {};
  const accounts = await Promise.all(['a', to].map((id) => store.load(Account, id)));
  const owner = await store.keyOwner('reference', 'r1');
  const moves = accounts.map((account) => account.state);
  await test.sagas.stop();
  return { end: { state, results, failure, moves, owner, told: [...told].toSorted() }, awaits };
}

it.each([
  ['b', 'completed', 2],
  ['nowhere', 'compensated', 3],
] as const)(
  'a transfer to %s: what steps append is appended once, wherever the process dies',
  async (to, state, moved) => {
    const undisturbed = await transfer(to);
    expect(undisturbed.end.state).toBe(state);
    expect(undisturbed.end.moves[0]?.movedBy).toHaveLength(moved);
    for (let at = 1; at <= undisturbed.awaits; at += 1) {
      const { end } = await transfer(to, [at, 7]);
      expect(end, `died at await ${at}`).toEqual(undisturbed.end);
    }
  },
);
