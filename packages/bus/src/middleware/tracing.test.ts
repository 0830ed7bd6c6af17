import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, it } from 'vitest';
import { mount } from './event.fixture.ts';
import { type TracingHook, tracing } from './tracing.ts';

const current = new AsyncLocalStorage<string>();
const error = new Error('away');

function recording() {
  const ends: unknown[] = [];
  const hook: TracingHook = {
    start: ({ id }, { group }) => ({
      run: (work) => current.run(`${group} ${id}`, work),
      end: (failure) => void ends.push(failure),
    }),
  };
  return { hook, ends };
}

it('a handler runs in its span, also after its first await', async () => {
  const { hook, ends } = recording();
  const seen: unknown[] = [];
  await mount([tracing(hook)], async () => {
    seen.push(current.getStore());
    await new Promise(setImmediate);
    seen.push(current.getStore());
  }).deliver();
  expect(seen).toEqual(['mail e1', 'mail e1']);
  expect(ends).toEqual([undefined]);
});

it('a span ends with the failure, which stays what it is', async () => {
  const { hook, ends } = recording();
  await expect(mount([tracing(hook)], () => Promise.reject(error)).deliver()).rejects.toBe(error);
  expect(ends).toEqual([{ error }]);
});

it('without a hook there is nothing', () => {
  const next = async () => {};
  const place = { group: 'mail', logger: { info() {}, warn() {}, error() {} } };
  expect(tracing(undefined)(next, place)).toBe(next);
});

it('an event may go without a span', async () => {
  let handled = 0;
  await mount([tracing({ start: () => undefined })], async () => void handled++).deliver();
  expect(handled).toBe(1);
});

const refuse = () => {
  throw error;
};
it.each<[string, TracingHook]>([
  ['start', { start: refuse }],
  ['run', { start: () => ({ run: refuse, end() {} }) }],
  ['run, after the handler was called', { start: () => ({ run: (work) => [work(), refuse()], end() {} }) }],
  ['end', { start: () => ({ run: (work) => work(), end: refuse }) }],
])('a hook that fails to %s is logged, and the event is handled once', async (_, hook) => {
  let handled = 0;
  const { deliver, log } = mount([tracing(hook)], async () => void handled++);
  await deliver();
  expect(handled).toBe(1);
  expect(log).toMatchObject([{ level: 'warn', facts: { group: 'mail', err: error } }]);
  const failing = mount([tracing(hook)], () => Promise.reject(new Error('its own')));
  await expect(failing.deliver()).rejects.toThrow('its own');
});

it('a hook that does not call the work, or makes something else of it, changes nothing', async () => {
  const another = async (work: () => unknown) => [await work()];
  for (const run of [() => undefined, another]) {
    let handled = 0;
    await mount([tracing({ start: () => ({ run, end() {} }) })], async () => void handled++).deliver();
    expect(handled).toBe(1);
  }
});
