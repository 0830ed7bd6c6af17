import { TimeoutError } from '@pipit/types-registry';
import { expect, it } from 'vitest';
import { destinationOf, errorType } from './attributes.ts';

it('names few kinds of errors, also of those that were kept or are none', () => {
  const late = new TimeoutError({ operation: 'Waiting', timeout: 1, advice: '' });
  const kept = { name: 'TimeoutError', code: 'TIMEOUT', message: 'late' };
  const errors = [late, new RangeError('7'), kept, { name: 'RangeError' }, 'text', undefined, null];
  expect(errors.map(errorType)).toEqual([
    'TIMEOUT',
    'RangeError',
    'TIMEOUT',
    'RangeError',
    '_OTHER',
    '_OTHER',
    '_OTHER',
  ]);
});

it('names where an event goes by its subject, whatever its aggregate is called', () => {
  expect(destinationOf('blog', { type: 'post', id: 'a.b' })).toEqual({
    template: 'blog.post.{id}',
    name: 'blog.post.a=2Eb',
  });
});
