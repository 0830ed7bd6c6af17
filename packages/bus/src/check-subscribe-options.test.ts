import { defineRegistry, processWarnings } from '@pipit/types-registry';
import { expect, it } from 'vitest';
import { checkSubscribeOptions } from './check-subscribe-options.ts';
import { Joined, Published } from './jetstream/blog.fixture.ts';

const { events } = defineRegistry({ events: [Published, Joined] });
const on = { 'post-published': () => {} };
const check = (options: object) => () =>
  checkSubscribeOptions(events as never, { group: 'search', on, ...options } as never, {
    logger: processWarnings,
  });

it('fills in what is left out', () => {
  expect(check({})()).toMatchObject({
    from: 'start',
    concurrency: 1,
    timeout: 30_000,
    partitions: 64,
    retry: { attempts: 5 },
    signal: undefined,
  });
});

it('refuses a subscription without a handler', () => {
  for (const none of [{}, { 'post-published': undefined }, undefined, null, 'post-published']) {
    expect(check({ on: none })).toThrow(
      expect.objectContaining({ code: 'INVALID_SUBSCRIPTION', option: 'on' }),
    );
  }
});

it('refuses a handler for a type of event that nobody defined, naming those there are', () => {
  expect(check({ on: { ...on, 'post-publishd': () => {} } })).toThrow(
    expect.objectContaining({
      code: 'UNKNOWN_EVENT_TYPE',
      message: expect.stringContaining('post-published'),
    }),
  );
  expect(check({ on: { toString: () => {} } })).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_EVENT_TYPE' }),
  );
});

it('takes one handler for several types, instead of one for each', () => {
  const { handlers } = check({ on: undefined, types: ['post-published', 'user-joined'], handle: () => {} })();
  expect([...handlers.keys()]).toEqual(['post-published', 'user-joined']);
  const wrong = {
    on: { types: ['post-published'], handle: () => {} },
    types: { on: undefined, types: [], handle: () => {} },
    handle: { on: undefined, types: ['post-published'] },
  };
  for (const [option, options] of Object.entries(wrong)) {
    expect(check(options)).toThrow(expect.objectContaining({ code: 'INVALID_SUBSCRIPTION', option }));
  }
  const unknown = { on: undefined, types: ['post-publishd'], handle: () => {} };
  expect(check(unknown)).toThrow(expect.objectContaining({ code: 'UNKNOWN_EVENT_TYPE' }));
});

it('refuses a handler that is not a function', () => {
  expect(check({ on: { 'post-published': 'log' } })).toThrow('on["post-published"] is not a function');
});

it('refuses a group that no consumer can be named after', () => {
  for (const group of ['', 'x'.repeat(129), '\ud800', undefined, 7]) {
    expect(check({ group })).toThrow(
      expect.objectContaining({ code: 'INVALID_SUBJECT_TOKEN', what: 'group' }),
    );
  }
});

it('refuses numbers and words that make no sense', () => {
  const wrong = [
    { concurrency: 0 },
    { concurrency: 1.5 },
    { concurrency: Number.NaN },
    { timeout: 0 },
    { timeout: Number.POSITIVE_INFINITY },
    { partitions: 0 },
    { partitions: 8, order: 'none' },
    { order: 'fifo' },
    { from: 'end' },
    { from: 0 },
    { from: 1.5 },
    { from: new Date(Number.NaN) },
  ];
  for (const options of wrong) {
    const [option] = Object.keys(options);
    expect(check(options)).toThrow(expect.objectContaining({ code: 'INVALID_SUBSCRIPTION', option }));
  }
});
