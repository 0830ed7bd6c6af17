import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createLifecycle, StartInterruptedError, StopError } from './lifecycle.ts';

const silent = pino({ level: 'silent' });

function recorded(timeout = 5_000) {
  const lifecycle = createLifecycle(silent, timeout);
  const stopped: string[] = [];
  const add = (part: string, stop: () => unknown = () => {}) =>
    lifecycle.add(part, async () => {
      stopped.push(part);
      await stop();
    });
  return { lifecycle, stopped, add };
}

describe('stopping', () => {
  it('goes through the parts in reverse order, one after the other, once', async () => {
    const { lifecycle, stopped, add } = recorded();
    add('server');
    add('connection', () => expect(stopped).toEqual(['http', 'connection']));
    add('http');
    await Promise.all([lifecycle.stop(), lifecycle.stop()]);
    await lifecycle.stop();
    expect(stopped).toEqual(['http', 'connection', 'server']);
  });

  it('goes on after a part that fails or hangs, in bounded time, and says which', async () => {
    const { lifecycle, stopped, add } = recorded(200);
    add('server');
    add('broken', () => {
      throw new Error('no');
    });
    add('hanging', () => new Promise(() => {}));
    const begun = performance.now();
    const error: unknown = await lifecycle.stop().catch((reason: unknown) => reason);
    expect(performance.now() - begun).toBeLessThan(3_000);
    expect(stopped).toEqual(['hanging', 'broken', 'server']);
    expect(error).toBeInstanceOf(StopError);
    expect(error).toMatchObject({
      code: 'STOP',
      failures: [
        { part: 'hanging', error: { code: 'TIMEOUT' } },
        { part: 'broken', error: { message: 'no' } },
      ],
    });
    await expect(lifecycle.stop()).rejects.toBe(error);
  });

  it('keeps its time as a whole, however many parts hang, and leaves each a share', async () => {
    const { lifecycle, stopped, add } = recorded(300);
    for (const part of ['a', 'b', 'c', 'd', 'e', 'f']) add(part, () => new Promise(() => {}));
    const begun = performance.now();
    const error = await lifecycle.stop().catch((reason: StopError) => reason);
    expect(performance.now() - begun).toBeLessThan(1_500);
    expect(stopped).toEqual(['f', 'e', 'd', 'c', 'b', 'a']);
    expect(error).toMatchObject({ failures: { length: 6 } });
  });

  it('interrupts a start, and stops at once what is added too late', async () => {
    const { lifecycle, stopped, add } = recorded();
    expect(lifecycle.stopping.aborted).toBe(false);
    await lifecycle.stop();
    expect(lifecycle.stopping.reason).toBeInstanceOf(StartInterruptedError);
    add('late');
    expect(stopped).toEqual(['late']);
  });
});
