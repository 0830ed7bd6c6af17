import { expect, it, vi } from 'vitest';
import { mount } from './event.fixture.ts';
import { throttle } from './throttle.ts';

const starts: number[] = [];
const begin = async () => void starts.push(performance.now());

function mountThrottle(options: Parameters<typeof throttle>[0], group?: string) {
  starts.length = 0;
  return mount([throttle(options)], begin, group);
}

it('no more than the limit begin in any interval', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    const limit = 5;
    const interval = 200;
    const { deliver } = mountThrottle({ limit, interval });
    const all: Promise<void>[] = [];
    for (let i = 0; i < 18; i++) {
      all.push(deliver());
      await vi.advanceTimersByTimeAsync(7);
    }
    await vi.advanceTimersByTimeAsync(3 * interval);
    await Promise.all(all);
    expect(starts).toHaveLength(18);
    const gaps = starts.slice(limit).map((at, index) => at - (starts[index] ?? 0));
    expect(Math.min(...gaps)).toBe(interval);
    expect(Math.max(...gaps)).toBe(interval);
  } finally {
    vi.useRealTimers();
  }
});

it('events begin in the order they came', async () => {
  const order: string[] = [];
  const { deliver } = mount([throttle({ limit: 2, interval: 20 })], async ({ id }) => void order.push(id));
  const ids = Array.from({ length: 9 }, (_, index) => `e${index}`);
  await Promise.all(ids.map((id) => deliver(id)));
  expect(order).toEqual(ids);
});

it('a group whose next turn is too far is paused until then, which is no failed attempt', async () => {
  let now = 0;
  const { deliver } = mountThrottle({ limit: 2, interval: 60_000, clock: () => now });
  await deliver();
  now = 20_000;
  await deliver();
  await expect(deliver()).rejects.toMatchObject({ code: 'PAUSED', for: 40_000 });
  now = 60_000;
  await deliver();
  await expect(deliver()).rejects.toMatchObject({ code: 'PAUSED', for: 20_000 });
  expect(starts).toHaveLength(3);
});

it('turns that others wait for count', async () => {
  const stopping = new AbortController();
  const { deliver } = mountThrottle({ limit: 1, interval: 1_000, longestWait: 2_500, clock: () => 0 });
  await deliver();
  const waiting = [1, 2].map(() => deliver('e1', stopping.signal));
  await expect(deliver()).rejects.toMatchObject({ code: 'PAUSED', for: 3_000 });
  stopping.abort(new Error('stopped'));
  for (const each of waiting) await expect(each).rejects.toThrow('stopped');
});

it('an event whose signal aborts gives its turn to the next', async () => {
  const stopping = new AbortController();
  const { deliver } = mountThrottle({ limit: 1, interval: 300 });
  await deliver();
  const given = Array.from({ length: 30 }, () =>
    deliver('e1', stopping.signal).catch((error: unknown) => error),
  );
  const next = deliver('e2');
  const begun = performance.now();
  stopping.abort('stop');
  expect(new Set(await Promise.all(given))).toEqual(new Set(['stop']));
  await next;
  // Behind the thirty others it would have been nine seconds.
  expect(performance.now() - begun).toBeLessThan(5_000);
  expect(starts).toHaveLength(2);
});

it('each group has its own count, shared by its subscriptions in this process', async () => {
  const shared = throttle({ limit: 1, interval: 60_000 });
  const one = mount([shared], begin, 'one');
  const again = mount([shared], begin, 'one');
  const two = mount([shared], begin, 'two');
  await one.deliver();
  await expect(again.deliver()).rejects.toMatchObject({ code: 'PAUSED' });
  await two.deliver();
});

it('options that make no sense are refused', () => {
  const options = [
    { limit: 0, interval: 1 },
    { limit: 1, interval: 0 },
    { limit: 1.5, interval: 1 },
    { limit: 1, interval: 1, longestWait: -1 },
  ];
  for (const each of options) {
    expect(() => throttle(each)).toThrow(expect.objectContaining({ code: 'INVALID_MIDDLEWARE' }));
  }
});
