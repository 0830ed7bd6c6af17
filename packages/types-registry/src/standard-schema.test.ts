import * as v from 'valibot';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { defineEvent } from './define-event.ts';
import { defineCommand, defineQuery, defineState } from './define-message.ts';
import { defineRegistry } from './registry.ts';
import { AsyncSchemaError, InvalidPayloadError } from './registry-errors.ts';

const Published = defineEvent(
  'post-published',
  v.object({ title: v.pipe(v.string(), v.trim()), tags: v.optional(v.array(v.string()), []) }),
);
const Mixed = defineEvent('mixed', z.object({ n: z.number() })).version(
  2,
  v.object({ count: v.number() }),
  ({ n }) => ({ count: n }),
);

test('a definition by valibot writes, reads, defaults and refuses like one by zod', () => {
  const { events } = defineRegistry({ events: [Published] });
  const { data, ...payload } = events.encode('post-published', { title: ' Hello ' });
  expect(data).toEqual({ title: 'Hello', tags: [] });
  expect(events.decode('post-published', payload)).toEqual({ title: 'Hello', tags: [] });

  const wrong = { title: 'a', tags: ['b', 5] } as unknown as { title: string };
  expect(() => events.encode('post-published', wrong)).toThrow(InvalidPayloadError);
  expect(() => events.encode('post-published', wrong)).toThrow(/tags\.1: .*Expected string/);
});

test('versions of one event may come from two vendors', () => {
  const { events } = defineRegistry({ events: [Mixed] });
  const bytes = Buffer.from('{"n":3}');
  expect(events.decode('mixed', { contentType: 'application/json', schemaVersion: 1, bytes })).toEqual({
    count: 3,
  });
});

test('commands, queries and states take any vendor as well', () => {
  const registry = defineRegistry({
    commands: [defineCommand('publish', v.object({ title: v.string() }), { result: v.number() })],
    queries: [defineQuery('find', v.object({ id: v.string() }), v.nullable(v.string()))],
    states: [defineState('post', v.object({ title: v.string() }))],
  });
  expect(registry.commands.encode('publish', { title: 'a' }).data).toEqual({ title: 'a' });
  expect(registry.queries.encode('find', { id: 'a' }).data).toEqual({ id: 'a' });
  expect(registry.states.encode('post', { title: 'a' }).data).toEqual({ title: 'a' });
});

test('an asynchronous valibot schema is refused by its vendor’s name', () => {
  const slow = v.pipeAsync(
    v.string(),
    v.checkAsync(async () => true),
  );
  const { events } = defineRegistry({ events: [defineEvent('slow', slow)] });
  expect(() => events.encode('slow', 'a')).toThrow(AsyncSchemaError);
  expect(() => events.encode('slow', 'a')).toThrow('The valibot schema of event slow');
});

test('a schema written by hand is enough', () => {
  const positive = {
    '~standard': {
      version: 1,
      vendor: 'hand',
      validate: (value: unknown) =>
        typeof value === 'number' && value > 0 ? { value } : { issues: [{ message: 'not positive' }] },
      types: undefined as { readonly input: number; readonly output: number } | undefined,
    },
  } as const;
  const { events } = defineRegistry({ events: [defineEvent('paid', positive)] });
  expect(events.encode('paid', 5).data).toBe(5);
  expect(() => events.encode('paid', -5)).toThrow('(payload): not positive');
});
