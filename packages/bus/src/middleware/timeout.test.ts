import { expect, it, vi } from 'vitest';
import { mount } from './event.fixture.ts';
import { timeout } from './timeout.ts';

const hanging = () => new Promise<never>(() => {});

it('a handler whose time is up has its signal aborted, and fails as a TimeoutError', async () => {
  let signal: AbortSignal | undefined;
  const { deliver } = mount([timeout(20)], (_, context) => {
    signal = context.signal;
    return hanging();
  });
  const error = await deliver().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'TIMEOUT', timeout: 20 });
  expect(signal?.reason).toBe(error);
});

it('what the handler rejects with on its signal does not hide why', async () => {
  const { deliver } = mount([timeout(20)], async (_, { signal }) => {
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
  });
  await expect(deliver()).rejects.toMatchObject({ code: 'TIMEOUT' });
});

it('what a handler rejects with after its time is not an unhandled rejection', async () => {
  const late = Promise.withResolvers<void>();
  const { deliver } = mount([timeout(20)], () => late.promise);
  await expect(deliver()).rejects.toMatchObject({ code: 'TIMEOUT' });
  late.reject(new Error('late'));
  await new Promise(setImmediate);
});

it('a handler in time is not touched, and leaves no timer behind', async () => {
  vi.useFakeTimers();
  try {
    let signal: AbortSignal | undefined;
    await mount([timeout(60_000)], async (_, context) => {
      signal = context.signal;
    }).deliver();
    expect(signal?.aborted).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

it('the signal aborts with the outer one too', async () => {
  const stopping = new AbortController();
  const aborted = Promise.withResolvers<unknown>();
  const { deliver } = mount([timeout(60_000)], async (_, { signal }) => {
    signal.addEventListener('abort', () => aborted.resolve(signal.reason));
    await aborted.promise;
  });
  const delivered = deliver('e1', stopping.signal);
  stopping.abort('stop');
  expect(await aborted.promise).toBe('stop');
  await delivered;
});

it('a time that makes no sense is refused', () => {
  for (const time of [0, -1, 1.5, Number.NaN, 2 ** 31]) {
    expect(() => timeout(time)).toThrow(expect.objectContaining({ code: 'INVALID_MIDDLEWARE' }));
  }
});
