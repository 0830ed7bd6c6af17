import { expect, it } from 'vitest';
import { StoppedError } from '../bus-errors.ts';
import { PausedError } from '../paused-error.ts';
import { type CircuitBreakerOptions, circuitBreaker } from './circuit-breaker.ts';
import { mount } from './event.fixture.ts';

const away = new Error('away');

/** A handler that does as it is told, and a clock that is moved by hand. */
function open(options: CircuitBreakerOptions = {}) {
  const state = { now: 0, calls: 0, result: (): Promise<void> => Promise.reject(away) };
  const breaker = circuitBreaker({ openFor: 1_000, clock: () => state.now, ...options });
  const mounted = mount([breaker], () => {
    state.calls += 1;
    return state.result();
  });
  const fail = async (times: number) => {
    for (let i = 0; i < times; i++) await expect(mounted.deliver()).rejects.toBe(away);
  };
  const states = () => mounted.log.map(({ facts }) => facts['circuit']);
  return { ...mounted, state, fail, states, breaker };
}

it('failures in a row open the circuit: the group is paused, and says so once', async () => {
  const { deliver, fail, log, state } = open({ failures: 3 });
  await fail(3);
  for (let i = 0; i < 5; i++) {
    await expect(deliver()).rejects.toMatchObject({ code: 'PAUSED', for: 1_000 });
    await expect(deliver()).rejects.toBeInstanceOf(PausedError);
  }
  expect(state.calls).toBe(3);
  expect(log).toMatchObject([
    { level: 'warn', facts: { group: 'mail', circuit: 'open', openFor: 1_000, err: away } },
  ]);
});

it('a success in between begins the row anew', async () => {
  const { deliver, fail, log, state } = open({ failures: 3 });
  for (let i = 0; i < 3; i++) {
    state.result = () => Promise.reject(away);
    await fail(2);
    state.result = async () => {};
    await deliver();
  }
  expect(log).toEqual([]);
});

it('after a while one event is let through on trial, and the others pause for a moment', async () => {
  const { deliver, fail, state, states, log } = open({ failures: 1 });
  await fail(1);
  state.now = 999.5;
  await expect(deliver()).rejects.toMatchObject({ for: 1 });
  state.now = 1_000;
  const trial = Promise.withResolvers<void>();
  state.result = () => trial.promise;
  const first = deliver();
  for (let i = 0; i < 3; i++) await expect(deliver()).rejects.toMatchObject({ code: 'PAUSED', for: 100 });
  expect(state.calls).toBe(2);
  expect(states()).toEqual(['open', 'half-open']);
  trial.resolve();
  await first;
  for (let i = 0; i < 3; i++) await deliver();
  expect(state.calls).toBe(5);
  expect(states()).toEqual(['open', 'half-open', 'closed']);
  expect(log.map(({ level }) => level)).toEqual(['warn', 'info', 'info']);
});

it('a trial that fails opens the circuit again', async () => {
  const { deliver, fail, state, states } = open({ failures: 5 });
  await fail(5);
  state.now = 1_000;
  const trial = Promise.withResolvers<void>();
  state.result = () => trial.promise;
  const first = deliver();
  trial.reject(away);
  await expect(first).rejects.toBe(away);
  await expect(deliver()).rejects.toMatchObject({ code: 'PAUSED', for: 1_000 });
  expect(states()).toEqual(['open', 'half-open', 'open']);
});

it('a trial that takes no notice of the end of its time has failed, and the next one comes in its time', async () => {
  const { deliver, fail, state, states } = open({ failures: 1 });
  await fail(1);
  state.now = 1_000;
  state.result = () => new Promise(() => {});
  const time = new AbortController();
  void deliver('e2', time.signal);
  time.abort(away);
  expect(states()).toEqual(['open', 'half-open', 'open']);
  await expect(deliver()).rejects.toMatchObject({ code: 'PAUSED', for: 1_000 });
  state.now = 2_000;
  state.result = async () => {};
  await deliver();
  expect(states()).toEqual(['open', 'half-open', 'open', 'half-open', 'closed']);
});

it('a trial that a pause or a stop cuts off says nothing: the next event is the trial', async () => {
  const { deliver, fail, state, states } = open({ failures: 1 });
  await fail(1);
  state.now = 1_000;
  state.result = () => Promise.reject(new PausedError({ for: 5, reason: 'throttled' }));
  await expect(deliver()).rejects.toMatchObject({ for: 5 });
  state.result = () => Promise.reject(away);
  await expect(deliver('e2', AbortSignal.abort(new StoppedError('The subscription')))).rejects.toBe(away);
  state.result = async () => {};
  await deliver();
  expect(states()).toEqual(['open', 'half-open', 'half-open', 'half-open', 'closed']);
});

it('failures that do not count change nothing', async () => {
  const { fail, deliver, log, state } = open({ failures: 2, when: (error) => error !== away });
  await fail(10);
  const refused = new Error('ECONNREFUSED');
  for (const error of [refused, away, refused]) {
    state.result = () => Promise.reject(error);
    await expect(deliver()).rejects.toBe(error);
  }
  expect(log).toHaveLength(1);
});

it('a share of the last events opens it too, once there were so many', async () => {
  const { deliver, fail, states, state } = open({ ratio: { failed: 0.5, of: 4 } });
  await fail(1);
  state.result = async () => {};
  for (let i = 0; i < 3; i++) await deliver();
  state.result = () => Promise.reject(away);
  // The first failure is out of the last four by now.
  await fail(1);
  expect(states()).toEqual([]);
  await fail(1);
  expect(states()).toEqual(['open']);
});

it('what began before the circuit opened has no say in when it closes', async () => {
  const { deliver, fail, states, state } = open({ failures: 1 });
  const old = Promise.withResolvers<void>();
  state.result = () => old.promise;
  const before = deliver();
  state.result = () => Promise.reject(away);
  await fail(1);
  old.resolve();
  await before;
  await expect(deliver()).rejects.toMatchObject({ code: 'PAUSED' });
  expect(states()).toEqual(['open']);
});

it('each group has its own circuit, shared by its subscriptions in this process', async () => {
  const { breaker, fail } = open({ failures: 1 });
  await fail(1);
  await expect(mount([breaker], async () => {}).deliver()).rejects.toMatchObject({ code: 'PAUSED' });
  await mount([breaker], async () => {}, 'search').deliver();
});

it('options that make no sense are refused', () => {
  const options: CircuitBreakerOptions[] = [
    { failures: 0 },
    { openFor: 0 },
    { ratio: { failed: 0, of: 10 } },
    { ratio: { failed: 1.1, of: 10 } },
    { ratio: { failed: 0.5, of: 0 } },
    { failures: 1, ratio: { failed: 0.5, of: 10 } },
  ];
  for (const each of options) {
    expect(() => circuitBreaker(each)).toThrow(expect.objectContaining({ code: 'INVALID_MIDDLEWARE' }));
  }
});
