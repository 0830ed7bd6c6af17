import { expect, it } from 'vitest';
import { Checked, publishingIn, recorded, world } from './publishing.fixture.ts';
import { testSagas } from './testing/test-sagas.ts';

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
