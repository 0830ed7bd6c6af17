import { expectTypeOf, test } from 'vitest';
import { currentTrace, type Trace, withTrace } from './trace.ts';

test('work in a trace gives back what it gave, a promise included', () => {
  expectTypeOf(withTrace({}, () => 5)).toEqualTypeOf<number>();
  expectTypeOf(withTrace({}, async () => 'a')).toEqualTypeOf<Promise<string>>();
  expectTypeOf(currentTrace()).toEqualTypeOf<Trace>();
  // @ts-expect-error a correlation id is text
  withTrace({ correlationId: 5 }, () => 5);
});
