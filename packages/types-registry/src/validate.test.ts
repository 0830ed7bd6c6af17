import { runInNewContext } from 'node:vm';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { expect, test, vi } from 'vitest';
import { AsyncSchemaError } from './registry-errors.ts';
import { validate } from './validate.ts';

function schemaThat(check: (value: unknown) => unknown): StandardSchemaV1 {
  const validate = check as StandardSchemaV1['~standard']['validate'];
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

test('a value that fits comes back as the schema made it', () => {
  expect(
    validate(
      schemaThat((value) => ({ value: [value] })),
      1,
      'event e',
    ),
  ).toEqual({ ok: true, value: [1] });
});

test('issues keep their paths, in whichever form the vendor gives them', () => {
  const issues = [
    { message: 'plain', path: ['a', 0] },
    { message: 'segments', path: [{ key: 'b' }, { key: 1 }] },
    { message: 'symbol', path: [Symbol('s')] },
    { message: 'nowhere' },
  ];
  expect(
    validate(
      schemaThat(() => ({ issues })),
      1,
      'event e',
    ),
  ).toEqual({
    ok: false,
    issues: [
      { message: 'plain', path: ['a', 0] },
      { message: 'segments', path: ['b', 1] },
      { message: 'symbol', path: ['Symbol(s)'] },
      { message: 'nowhere', path: [] },
    ],
  });
});

test('a schema that throws refuses the payload, and the cause is kept', () => {
  const cause = new Error('boom');
  const throwing = schemaThat(() => {
    throw cause;
  });
  expect(validate(throwing, 1, 'event e')).toEqual({
    ok: false,
    issues: [{ path: [], message: 'the schema threw: Error: boom' }],
    cause,
  });
});

test('a promise is refused, whoever made it, and a late rejection ends nothing', async () => {
  const onRejection = vi.fn();
  process.on('unhandledRejection', onRejection);
  try {
    const ofAnotherRealm = runInNewContext('Promise.resolve({ value: 1 })') as unknown;
    for (const answer of [
      () => Promise.resolve({ value: 1 }),
      () => Promise.reject(new Error('late')),
      () => ofAnotherRealm,
    ]) {
      expect(() => validate(schemaThat(answer), 1, 'event e')).toThrow(AsyncSchemaError);
    }
    // Rejections are reported when the queue of microtasks has run dry, before the next macrotask.
    await new Promise((resolve) => setImmediate(resolve));
    expect(onRejection).not.toHaveBeenCalled();
  } finally {
    process.off('unhandledRejection', onRejection);
  }
});
