import { expect, test } from 'vitest';
import * as z from 'zod';
import { type Codec, json, messagePack } from './codec.ts';
import { defineEvent } from './define-event.ts';
import { defineCommand, defineQuery, defineState } from './define-message.ts';
import type { SchemaVersion } from './definition.ts';
import { InvalidSubjectTokenError } from './envelope-errors.ts';
import { defineRegistry } from './registry.ts';
import {
  InvalidRegistryError,
  UnknownCodecError,
  UnknownEventTypeError,
  UnknownTypeError,
} from './registry-errors.ts';

const text = z.object({ text: z.string() });
const Published = defineEvent('post-published', text);
const Renamed = defineEvent('post-renamed', text);
const Publish = defineCommand('publish', text, { result: z.number() });
const Find = defineQuery('find', z.object({ id: z.string() }), text);
const Post = defineState('post', text).version(2, z.object({ title: z.string() }), (before) => ({
  title: before.text,
}));
const registry = defineRegistry({
  events: [Published, Renamed],
  commands: [Publish],
  queries: [Find],
  states: [Post],
});

const base64: Codec = {
  name: 'base64',
  contentType: 'text/x-base64',
  encode: (value) => Buffer.from(Buffer.from(JSON.stringify(value)).toString('base64')),
  decode: (bytes) => JSON.parse(Buffer.from(Buffer.from(bytes).toString(), 'base64').toString()),
};

function problemsOf(build: () => unknown): readonly string[] {
  try {
    build();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidRegistryError);
    return (error as InvalidRegistryError).problems;
  }
  throw new Error('the registry was built');
}

test('it knows its events, commands, queries and states by name', () => {
  expect(registry.events.types).toEqual(['post-published', 'post-renamed']);
  expect(registry.events.get('post-renamed')).toBe(Renamed);
  expect(registry.commands.get('publish')).toBe(Publish);
  expect(registry.queries.get('find')).toBe(Find);
  expect(registry.states.get('post')).toBe(Post);
  expect(
    [registry.events, registry.commands, registry.queries, registry.states].map(({ kind }) => kind),
  ).toEqual(['event', 'command', 'query', 'state']);
  expect(registry.events.has('post-renamed')).toBe(true);
  expect(registry.events.has('publish')).toBe(false);
});

test('payloads of every kind go to bytes and back', () => {
  const command = registry.commands.encode('publish', { text: 'a' });
  expect(registry.commands.decode('publish', command)).toEqual({ text: 'a' });
  const query = registry.queries.encode('find', { id: 'a' });
  expect(registry.queries.decode('find', query)).toEqual({ id: 'a' });
  const bytes = json.encode({ text: 'old' });
  expect(
    registry.states.decode('post', { contentType: 'application/json', schemaVersion: 1, bytes }),
  ).toEqual({
    title: 'old',
  });
});

test.each(['nobody', '__proto__', 'constructor', 'toString', '', '*'])(
  'the event name %j is unknown',
  (type) => {
    const name = type as 'post-published';
    expect(registry.events.has(type)).toBe(false);
    for (const use of [
      () => registry.events.get(name),
      () => registry.events.encode(name, { text: 'a' }),
      () => registry.events.decode(name, registry.events.encode('post-published', { text: 'a' })),
    ]) {
      expect(use).toThrow(UnknownEventTypeError);
      expect(use).toThrow(`No event is named ${JSON.stringify(type)}.`);
      expect(use).toThrow('known are: post-published, post-renamed');
    }
  },
);

test('an unknown command says so by its kind, and an empty catalog knows none', () => {
  const unknown = () => registry.commands.get('nobody' as 'publish');
  expect(unknown).toThrow(expect.objectContaining({ code: 'UNKNOWN_TYPE', kind: 'command', type: 'nobody' }));
  expect(unknown).toThrow(UnknownTypeError);
  expect(() => defineRegistry({}).queries.get('x' as never)).toThrow('known are: none');
});

test('one definition may be given twice, two of one name may not', () => {
  expect(defineRegistry({ events: [Published, Published] }).events.types).toEqual(['post-published']);
  expect(
    problemsOf(() => defineRegistry({ events: [Published, defineEvent('post-published', text)] })),
  ).toEqual(['two definitions of kind event are named "post-published"']);
});

test('an event and a command may share a name', () => {
  const both = defineRegistry({
    events: [defineEvent('same', text)],
    commands: [defineCommand('same', z.number())],
  });
  expect(both.events.encode('same', { text: 'a' }).data).toEqual({ text: 'a' });
  expect(both.commands.encode('same', 1).data).toBe(1);
});

/** As plain JavaScript, or a cast, could make it. */
function withVersions(...versions: (Partial<SchemaVersion> | number)[]) {
  const chain = versions.map((version) =>
    typeof version === 'number' ? { version, schema: text, upcast: (value: unknown) => value } : version,
  );
  return { ...Published, versions: chain as SchemaVersion[] };
}

test.each<[string, (Partial<SchemaVersion> | number)[], string]>([
  ['a gap', [1, 3], 'event post-published has no version 2: a gap before version 3'],
  ['a start after 1', [2], 'event post-published has no version 1: a gap before version 2'],
  ['a fraction', [1, 1.5], 'event post-published goes from version 1 back to 1.5: a cycle'],
  ['no number', [1, Number.NaN], 'event post-published has no version 2: a gap before version NaN'],
  ['a way back', [1, 2, 1], 'event post-published goes from version 2 back to 1: a cycle'],
  ['a version twice', [1, 2, 2], 'event post-published goes from version 2 back to 2: a cycle'],
  [
    'no upcaster',
    [1, { version: 2, schema: text }],
    'event post-published has no upcaster from version 1 to 2',
  ],
  ['no schema', [{ version: 1 }], 'event post-published has a version 1 that is no Standard Schema'],
])('a chain of versions with %s is refused when the registry is built', (_, versions, problem) => {
  expect(problemsOf(() => defineRegistry({ events: [withVersions(...versions)] })).join()).toContain(problem);
});

test('a gap is refused also where the compiler was told to look away', () => {
  const Gap = Published.version(3 as 2, text, (before) => before);
  expect(problemsOf(() => defineRegistry({ events: [Gap] }))).toEqual([
    'event post-published has no version 2: a gap before version 3',
  ]);
});

test('versions of states are checked like those of events', () => {
  const Gap = Post.version(4 as 3, text, ({ title }) => ({ text: title }));
  expect(problemsOf(() => defineRegistry({ states: [Gap] }))).toEqual([
    'state post has no version 3: a gap before version 4',
  ]);
});

test('every problem is in the error, not only the first', () => {
  const build = () => defineRegistry({ events: [withVersions(1, 3), defineEvent('post-published', text)] });
  expect(problemsOf(build)).toHaveLength(2);
  expect(build).toThrow(
    /^The registry cannot be built:\n- two definitions .*\n- event post-published has no version 2/,
  );
});

test('a codec of the user writes, and each payload names it', () => {
  const { events } = defineRegistry({ events: [defineEvent('e', text, { codec: base64 })] });
  const payload = events.encode('e', { text: 'a' });
  expect(payload.contentType).toBe('text/x-base64');
  expect(events.decode('e', payload)).toEqual({ text: 'a' });
});

test('a payload is read by the codec it names, also when its event is written by another today', () => {
  const before = defineRegistry({ events: [defineEvent('e', text, { codec: base64 })] });
  const old = before.events.encode('e', { text: 'a' });
  const now = defineEvent('e', text, { codec: messagePack });

  expect(defineRegistry({ events: [now], codecs: [base64] }).events.decode('e', old)).toEqual({ text: 'a' });
  const without = defineRegistry({ events: [now] });
  expect(() => without.events.decode('e', old)).toThrow(UnknownCodecError);
  expect(() => without.events.decode('e', old)).toThrow(
    'No codec reads "text/x-base64". Pass it to defineRegistry',
  );
});

test('parameters and case of a content type do not matter', () => {
  const payload = {
    contentType: 'Application/JSON; charset=utf-8',
    schemaVersion: 1,
    bytes: json.encode({ text: 'a' }),
  };
  expect(registry.events.decode('post-published', payload)).toEqual({ text: 'a' });
});

test('codecs that claim one content type, or none that a header can name, are refused', () => {
  expect(
    problemsOf(() => defineRegistry({ codecs: [{ ...base64, contentType: 'APPLICATION/JSON' }] })),
  ).toEqual(['two codecs have the content type application/json']);
  for (const contentType of ['', 'json', 'a b/c', '/x', 'a/b/c']) {
    expect(problemsOf(() => defineRegistry({ codecs: [{ ...base64, contentType }] }))).toEqual([
      `codec base64 has the content type ${JSON.stringify(contentType)}, which is no media type`,
    ]);
  }
});

test.each([
  ['an empty name', ''],
  ['a name over 128 bytes', 'x'.repeat(129)],
  ['half of a surrogate pair', '\ud800'],
])('%s is refused when it is defined', (_, name) => {
  for (const define of [
    () => defineEvent(name, text),
    () => defineCommand(name, text),
    () => defineQuery(name, text, text),
    () => defineState(name, text),
  ]) {
    expect(define).toThrow(InvalidSubjectTokenError);
  }
});

test('a definition makes values that are plain data', () => {
  expect(Published.create({ text: 'a' })).toEqual({ type: 'post-published', data: { text: 'a' } });
  const options = { id: 'e1', metadata: { tenant: 'a' }, type: 'other', data: 1 };
  expect(Published.create({ text: 'a' }, options)).toEqual({
    id: 'e1',
    metadata: { tenant: 'a' },
    type: 'post-published',
    data: { text: 'a' },
  });
  expect(Publish.create({ text: 'a' })).toEqual({ type: 'publish', data: { text: 'a' } });
  expect(Find.create({ id: 'a' })).toEqual({ type: 'find', data: { id: 'a' } });
});

test('a new version leaves the definition before it as it was', () => {
  const Later = Published.version(2, z.object({ title: z.string() }), ({ text: title }) => ({ title }));
  expect(Later.schemaVersion).toBe(2);
  expect(Later.versions).toHaveLength(2);
  expect(Published.schemaVersion).toBe(1);
  expect(Published.versions).toHaveLength(1);
  expect(Later.create({ title: 'a' })).toEqual({ type: 'post-published', data: { title: 'a' } });
});
