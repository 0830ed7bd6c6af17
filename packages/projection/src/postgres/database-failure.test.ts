import { expect, it } from 'vitest';
import { InvalidKeyError, RepositoryError } from '../repository-errors.ts';
import { failureOf } from './database-failure.ts';

it.each([
  ['unreachable', '08006', true],
  ['unreachable', '57P01', true],
  ['unreachable', 'ECONNREFUSED', true],
  ['unreachable', 'EPIPE', true],
  ['unreachable', '25P03', true],
  ['busy', '25P04', true],
  ['busy', '40P01', true],
  ['busy', '40001', true],
  ['full', '53100', true],
  ['full', '53300', true],
  ['forbidden', '42501', false],
  ['forbidden', '28P01', false],
  ['failed', '22012', false],
])('an error is %s where the database says %s', (reason, code, passing) => {
  const cause = Object.assign(new Error('what it said.'), { code });
  const error = failureOf('posts', cause) as RepositoryError;
  expect(error).toBeInstanceOf(RepositoryError);
  expect(error).toMatchObject({ code: 'REPOSITORY', view: 'posts', reason, passing, cause });
  expect(error.message).toContain(`The database of view posts failed (${reason}): what it said. `);
});

it('an error of Pipit stays what it is', () => {
  const error = new InvalidKeyError('posts', '', 'it is empty');
  expect(failureOf('posts', error)).toBe(error);
});

it('of a name with several addresses says what each of them said', () => {
  const tried = ['::1', '127.0.0.1'].map((address) => new Error(`connect ECONNREFUSED ${address}:5432`));
  const cause = Object.assign(new AggregateError(tried), { code: 'ECONNREFUSED' });
  expect((failureOf('posts', cause) as RepositoryError).message).toContain(
    '(unreachable): connect ECONNREFUSED ::1:5432, connect ECONNREFUSED 127.0.0.1:5432. ',
  );
});
