import { describe, expect, it } from 'vitest';
import { readConfig } from '../config/read-config.ts';
import { listeningLogger } from '../post.fixture.ts';
import { createContainer } from './container.ts';
import { createLifecycle } from './lifecycle.ts';
import { definePart, type PartOptions } from './part.ts';

function containerWith({ startTimeout = 5_000, stopTimeout = 2_000 } = {}) {
  const { lines, logger } = listeningLogger();
  const lifecycle = createLifecycle(logger, stopTimeout);
  const config = readConfig({ startTimeout, stopTimeout }, {});
  const log: string[] = [];
  return {
    lifecycle,
    log,
    lines: () => lines.map((line) => JSON.parse(line)),
    container: createContainer({ config, logger, lifecycle }),
    /** A part that writes down when it starts and stops. */
    part: (name: string, options: Partial<PartOptions<string, never>> = {}) =>
      definePart(name, {
        start: () => {
          log.push(`start ${name}`);
          return name;
        },
        stop: () => log.push(`stop ${name}`),
        ...options,
      }),
  };
}

const refused = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

describe('parts', () => {
  it('are started once, after those they need, and stopped the other way round', async () => {
    const { container, lifecycle, log, part } = containerWith();
    const network = part('network');
    const database = part('database', { needs: { network } as never });
    const cache = part('cache', { needs: { network } as never });
    const web = definePart('web', {
      needs: { cache, db: database },
      start: ({ cache, db }) => log.push(`start web on ${cache} and ${db}`),
      stop: () => log.push('stop web'),
    });
    await Promise.all([container.start(web), container.start(database)]);
    expect(container.get(database)).toBe('database');
    await lifecycle.stop();
    expect(log.slice(0, 4)).toEqual([
      'start network',
      'start cache',
      'start database',
      'start web on cache and database',
    ]);
    expect(log.slice(4)).toEqual(['stop web', 'stop database', 'stop cache', 'stop network']);
  });

  it('are tried again where waiting may help, which is told, and not where it does not', async () => {
    const { container, lines, part } = containerWith();
    let tries = 0;
    const database = part('database', {
      start: () => {
        tries += 1;
        if (tries < 3) throw tries === 1 ? refused() : new Error('wrapped', { cause: refused() });
        return 'there';
      },
    });
    expect(await container.start(database)).toBe('there');
    expect(lines().filter(({ msg }) => msg === 'Starting database failed, trying again')).toHaveLength(2);

    const broken = part('broken', {
      start: () => {
        throw new TypeError('no such function');
      },
    });
    await expect(container.start(broken)).rejects.toThrow('no such function');
    // What it was about may have been mended.
    await expect(container.start(broken)).rejects.toThrow('no such function');
    let thrown = 0;
    const told = part('told', {
      start: () => {
        thrown += 1;
        if (thrown === 1) throw new TypeError('not yet');
        return thrown === 2 ? Promise.reject('not yet') : 'there';
      },
      mayPass: () => true,
    });
    expect(await container.start(told)).toBe('there');
    const stubborn = part('stubborn', {
      start: () => {
        throw refused();
      },
      mayPass: () => false,
    });
    await expect(container.start(stubborn)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('that never become ready end the start in bounded time, and are stopped when they come after all', async () => {
    const { container, lifecycle, log, part } = containerWith({ startTimeout: 50 });
    const late = Promise.withResolvers<string>();
    const slow = part('slow', { start: () => late.promise });
    const user = part('user', { needs: { slow } as never });
    await expect(container.start(user)).rejects.toMatchObject({ code: 'TIMEOUT', message: /Starting slow/ });
    await lifecycle.stop();
    late.resolve('slow');
    await expect.poll(() => log).toEqual(['stop slow']);
  });

  it('that come when they have been given up are stopped at once, and once, beside one that was started instead', async () => {
    const { container, lifecycle, log, part } = containerWith({ startTimeout: 50 });
    const late = Promise.withResolvers<string>();
    const tries = [late.promise, 'the second'];
    const slow = part('slow', {
      start: () => tries.shift() ?? 'none',
      stop: (value) => log.push(`stop ${value}`),
    });
    await expect(container.start(slow)).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(await container.start(slow)).toBe('the second');
    late.resolve('the first');
    await expect.poll(() => log).toEqual(['stop the first']);
    await lifecycle.stop();
    expect(log).toEqual(['stop the first', 'stop the second']);
  });

  it('that take long do not keep an application from stopping meanwhile, and are stopped when they come', async () => {
    const { container, lifecycle, log, part } = containerWith();
    const late = Promise.withResolvers<string>();
    const starting = container.start(part('slow', { start: () => late.promise }));
    const failed = starting.catch((reason: unknown) => reason);
    await lifecycle.stop();
    expect(await failed).toMatchObject({ code: 'START_INTERRUPTED' });
    late.resolve('slow');
    await expect.poll(() => log).toEqual(['stop slow']);
  });

  it('are not started when the application stops meanwhile', async () => {
    const { container, lifecycle, part } = containerWith();
    const waiting = part('waiting', {
      start: () => {
        throw refused();
      },
    });
    const hanging = part('hanging', { start: () => new Promise<string>(() => {}) });
    const starting = [container.start(waiting), container.start(hanging)];
    await lifecycle.stop();
    const begun = performance.now();
    for (const one of starting) await expect(one).rejects.toMatchObject({ code: 'START_INTERRUPTED' });
    expect(performance.now() - begun).toBeLessThan(2_000);
  });

  it('have a name of their own, and a value only when they have started', async () => {
    const { container, part } = containerWith();
    await container.start(part('database'));
    await expect(container.start(part('database'))).rejects.toMatchObject({ code: 'PART', part: 'database' });
    expect(() => container.get(part('database'))).toThrow(/Part database has not started/);
    expect(() => container.get(part('other'))).toThrow(/list it in the parts of createApp, or start it/);
  });

  it('say how they are, those that hang included', async () => {
    const { container, lifecycle, part } = containerWith();
    let broken = false;
    await container.start(part('plain'));
    await container.start(
      part('checked', {
        check: () => {
          if (broken) throw new Error('the disk is full');
        },
      }),
    );
    expect(await container.health()).toEqual([
      { name: 'plain', state: 'ready' },
      { name: 'checked', state: 'ready' },
    ]);
    broken = true;
    await container.start(part('hanging', { check: () => new Promise(() => {}) }));
    const never = container.start(part('never', { start: () => new Promise<string>(() => {}) }));
    expect(await container.health()).toEqual([
      { name: 'plain', state: 'ready' },
      { name: 'checked', state: 'not-ready', reason: 'the disk is full' },
      { name: 'hanging', state: 'not-ready', reason: expect.stringMatching(/Checking hanging/) },
      { name: 'never', state: 'starting' },
    ]);
    const interrupted = expect(never).rejects.toMatchObject({ code: 'START_INTERRUPTED' });
    await lifecycle.stop();
    await interrupted;
  });
});
