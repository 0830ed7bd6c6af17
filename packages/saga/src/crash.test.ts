import { expect, it } from 'vitest';
import { Checked, publishingIn, recorded, world } from './publishing.fixture.ts';
import { testSagas } from './testing/test-sagas.ts';

const ref = { name: 'publishing', id: 'p1' };
const logger = { info() {}, warn() {}, error() {} };

/**
 * Runs the saga to its end. The process dies at one of its awaits, and at one of the next process's as well; the answer
 * is given and the clock turned when nothing goes on without.
 */
async function run(ending: 'published' | 'refused' | 'late', deaths: readonly number[] = []) {
  const outside = world();
  outside.breaks((key, attempt) => {
    if (key === 'publishing/p1/ask' && attempt === 1) throw new Error('busy');
    if (key === 'publishing/p1/reserve/compensate' && attempt === 1) throw new Error('busy');
  });
  const [first, ...later] = deaths;
  const saga = publishingIn(outside);
  const test = testSagas({ sagas: [saga], logger, ...(first !== undefined && { dieAt: first }) });

  /** Whatever a dead process has left undone is done by the next one. */
  async function goOn(work: () => Promise<unknown> = async () => {}): Promise<void> {
    let done = false;
    const working = () => void work().then(() => (done = true));
    working();
    for (;;) {
      await test.settled();
      if (!test.isDead) {
        if (done) return;
        continue;
      }
      test.resume(later.shift());
      if (!done) working();
    }
  }

  await goOn(() => test.sagas.start(saga, 'p1', { slug: 'hello' }));
  for (let turn = 0; turn < 3; turn += 1) {
    test.clock.advance(2_000);
    await goOn();
  }
  if (ending !== 'late') {
    const verdict = ending === 'published' ? 'good' : 'bad';
    const event = recorded(Checked, { saga: 'p1', verdict }, 'answer');
    await goOn(() => test.sagas.deliver(event));
  } else {
    test.clock.advance(3_600_000);
    await goOn();
  }
  for (let turn = 0; turn < 4; turn += 1) {
    test.clock.advance(2_000);
    await goOn();
  }
  const { awaits } = test;
  test.resume();
  const { state, results, failure, history } = (await test.sagas.get(ref)) ?? {};
  await test.sagas.stop();
  const changes = history?.map(({ at: _, ...change }) => change);
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
