import { describe, expect, it } from 'vitest';
import { errorFacts } from './error-facts.ts';

describe('the facts of an error', () => {
  it('are its name, message and code', () => {
    expect(errorFacts(new RangeError('no'))).toEqual({ name: 'RangeError', message: 'no' });
    expect(errorFacts(Object.assign(new Error('no'), { code: 42 }))).toMatchObject({ code: '42' });
  });

  it('are small, whatever it says', () => {
    const { name, message } = errorFacts(
      Object.assign(new Error('🚀'.repeat(5_000)), { name: 'n'.repeat(500) }),
    );
    expect(message).toHaveLength(2_000);
    expect(message.isWellFormed()).toBe(true);
    expect(name).toHaveLength(200);
  });

  it('are there for whatever can be thrown', () => {
    expect(errorFacts(undefined).message).toContain('undefined');
    expect(errorFacts({ a: 1 }).message).toContain('a: 1');
    const hostile = new Proxy(new Error('x'), {
      get() {
        throw new Error('no');
      },
    });
    expect(errorFacts(hostile)).toEqual({ name: 'Error', message: expect.any(String) });
  });
});
