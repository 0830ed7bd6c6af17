import type { EventOf } from '@pipit/types-registry';
import { expect, it } from 'vitest';
import type { StopOptions, Subscription } from '../bus.ts';
import type { HubOptions } from '../hub.ts';
import type { Published } from '../testing/contract-blog.ts';
import { settled } from '../testing/until.ts';
import { createHub } from './create-hub.ts';

/** A hub of groups that begin, and end, when the test says. */
function openHub(groups: readonly string[], options?: HubOptions) {
  const stops: [string, StopOptions | undefined][] = [];
  const warnings: string[] = [];
  const control = new Map<string, { ready: () => void; end: (error?: Error) => void }>();
  const begin = (group: string) => (): Subscription => {
    const ready = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    const end = (error?: Error) => (error === undefined ? closed.resolve() : closed.reject(error));
    control.set(group, { ready: ready.resolve, end });
    return {
      group,
      topic: undefined,
      ready: ready.promise,
      closed: closed.promise,
      lag: () => Promise.resolve({ behind: 0 }),
      stop(given) {
        stops.push([group, given]);
        return closed.promise.catch(() => {});
      },
    };
  };
  const logger = {
    info: () => {},
    warn: (_: object, line: string) => void warnings.push(line),
    error: () => {},
  };
  const hub = createHub<EventOf<typeof Published>>(
    {
      store: 'blog',
      logger,
      prepare: ({ group }) => begin(group),
      prepareTopic: (_, { group }) => begin(group),
    },
    options,
  );
  for (const group of groups) hub.subscribe({ group, on: { 'post-published': () => {} } });
  const of = (group: string) => control.get(group) ?? { ready: () => {}, end: () => {} };
  return { hub, stops, warnings, of };
}

async function startHub(groups: readonly string[], options?: HubOptions) {
  const opened = openHub(groups, options);
  const started = opened.hub.start();
  for (const group of groups) opened.of(group).ready();
  await started;
  return opened;
}

const lost = new Error('the consumer was deleted');
const later = () => new Promise((resolve) => setImmediate(resolve));

it('has started when every group is ready', async () => {
  const { hub, of } = openHub(['search', 'mail']);
  let started = false;
  const starting = hub.start().then(() => {
    started = true;
  });
  of('search').ready();
  await later();
  expect(started).toBe(false);
  of('mail').ready();
  await starting;
});

it('stops every group before it waits for any, with one timeout', async () => {
  const { hub, stops, of } = await startHub(['search', 'mail']);
  const stopped = hub.stop({ timeout: 50 });
  expect(stops).toEqual([
    ['search', { timeout: 50 }],
    ['mail', { timeout: 50 }],
  ]);
  of('search').end();
  of('mail').end();
  await stopped;
  await hub.closed;
});

it('lets the other groups go on when one ends by itself, and says which it was at the end', async () => {
  const { hub, stops, of } = await startHub(['search', 'mail']);
  const closed = settled(hub.closed);
  of('mail').end(lost);
  await later();
  expect(stops).toEqual([]);
  of('search').end(new Error('that was later'));
  expect(await closed).toMatchObject({ code: 'HUB_FAILED', group: 'mail', cause: lost });
});

it("stops the other groups when one ends by itself, with onFailure: 'stop'", async () => {
  const { hub, stops, warnings, of } = await startHub(['search', 'mail'], { onFailure: 'stop' });
  of('mail').end(lost);
  await later();
  expect(stops.map(([group]) => group)).toContain('search');
  expect(warnings).toEqual(['Group mail ended by itself, and its hub stops the other groups']);
  of('search').end();
  expect(await settled(hub.closed)).toMatchObject({
    message: 'Group mail of a hub ended by itself: the consumer was deleted',
  });
});

it('is closed when all groups have ended by their own signals', async () => {
  const { hub, of } = await startHub(['search', 'mail']);
  of('search').end();
  of('mail').end();
  await hub.closed;
});
