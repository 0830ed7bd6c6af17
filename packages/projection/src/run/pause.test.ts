import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pause } from './pause.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

it('a pause may be longer than a timer can be', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const stop = new AbortController();
  let isOver = false;
  const over = pause(2 ** 32, stop.signal).then(() => {
    isOver = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isOver).toBe(false);
  stop.abort();
  await over;
  expect(warned).not.toHaveBeenCalled();
});
