import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { listeningLogger } from '../post.fixture.ts';
import { supervise } from './supervise.ts';

const quick = { backoff: 1 };

function logged() {
  const { lines, logger } = listeningLogger();
  return { logger, lines: () => lines.map((line) => JSON.parse(line)) };
}

describe('a background process', () => {
  it('is started again when it fails, and its state is told', async () => {
    const { logger, lines } = logged();
    let runs = 0;
    const supervised = supervise(
      'reminders',
      async (signal) => {
        runs += 1;
        if (runs < 4) throw new Error(`broken ${runs}`);
        await once(signal, 'abort');
      },
      logger,
      quick,
    );
    await expect.poll(() => runs).toBe(4);
    expect(supervised.health).toEqual({ name: 'reminders', state: 'ready' });
    expect(lines()).toMatchObject(
      [1, 2, 3].map((failures) => ({ level: 40, process: 'reminders', failures })),
    );
    await supervised.stop();
  });

  it('waits longer from failure to failure, and is restarting meanwhile', async () => {
    const { logger, lines } = logged();
    const supervised = supervise('loop', () => Promise.reject(new Error('no')), logger, {
      backoff: 8,
      limit: 4,
    });
    await expect.poll(() => supervised.health.state).toBe('restarting');
    await expect.poll(() => supervised.health.state).toBe('failed');
    const delays = lines().flatMap(({ restartIn }) => restartIn ?? []);
    for (const [at, least] of [6, 12, 24].entries()) expect(delays[at]).toBeGreaterThanOrEqual(least);
    expect(delays).toHaveLength(3);
  });

  it('is given up after its limit, for good, with the reason', async () => {
    const { logger, lines } = logged();
    let runs = 0;
    const supervised = supervise(
      'loop',
      () => {
        runs += 1;
        throw new Error('always');
      },
      logger,
      { ...quick, limit: 3 },
    );
    await expect.poll(() => supervised.health).toEqual({ name: 'loop', state: 'failed', reason: 'always' });
    expect(runs).toBe(3);
    expect(lines().at(-1)).toMatchObject({ level: 50, failures: 3 });
    await supervised.stop();
  });

  it('is given up in the same way whatever it throws', async () => {
    const { logger } = logged();
    for (const thrown of [undefined, Symbol('s'), Object.create(null)]) {
      const fail = () => {
        throw thrown;
      };
      const supervised = supervise('loop', fail, logger, { ...quick, limit: 2 });
      await expect.poll(() => supervised.health.state).toBe('failed');
      await supervised.stop();
    }
  });

  it('has its earlier failures forgotten when it has run for long enough', async () => {
    const { logger } = logged();
    let runs = 0;
    const supervised = supervise(
      'loop',
      () => {
        runs += 1;
        throw new Error('again');
      },
      logger,
      { ...quick, limit: 2, steadyAfter: 0 },
    );
    await expect.poll(() => runs).toBeGreaterThan(10);
    await supervised.stop();
  });

  it('ends when it is told to, also while it waits to be restarted, and is not restarted', async () => {
    const { logger } = logged();
    let runs = 0;
    const waiting = supervise(
      'loop',
      () => {
        runs += 1;
        throw new Error('no');
      },
      logger,
      { backoff: 60_000 },
    );
    await expect.poll(() => waiting.health.state).toBe('restarting');
    await waiting.stop();
    expect(runs).toBe(1);

    const failing = supervise(
      'late',
      (signal) => once(signal, 'abort').then(() => Promise.reject(new Error())),
      logger,
    );
    await failing.stop();
    expect(failing.health).toEqual({ name: 'late', state: 'ready' });
  });

  it('that fails while it ends is told of, unless all it says is that it was ended', async () => {
    const { logger, lines } = logged();
    const flushing = async (signal: AbortSignal) => {
      await once(signal, 'abort');
      throw new Error('the disk is full');
    };
    await supervise('flush', flushing, logger).stop();
    await supervise('wait', (signal) => delay(60_000, undefined, { signal }), logger).stop();
    await supervise('read', async (signal) => signal.throwIfAborted(), logger).stop();
    expect(lines()).toMatchObject([{ level: 40, process: 'flush', err: { message: 'the disk is full' } }]);
    expect(lines()).toHaveLength(1);
  });

  it('that resolves has done its work', async () => {
    const { logger, lines } = logged();
    let runs = 0;
    const supervised = supervise(
      'once',
      async () => {
        runs += 1;
      },
      logger,
      quick,
    );
    await supervised.stop();
    expect({ runs, lines: lines() }).toEqual({ runs: 1, lines: [] });
  });
});
