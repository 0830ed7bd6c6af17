import { describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../invalid-argument.ts';
import { memoryStore } from '../memory.ts';
import { fixedClock } from '../spec.ts';
import { Account, Deposited } from './account.fixture.ts';

describe('a fixed clock', () => {
  it('stands still until it is turned', () => {
    const clock = fixedClock('2026-01-02T03:04:05Z');
    expect([clock(), clock()]).toEqual([new Date('2026-01-02T03:04:05Z'), new Date('2026-01-02T03:04:05Z')]);
    clock.advance(1500);
    expect(clock()).toEqual(new Date('2026-01-02T03:04:06.500Z'));
    clock.advance(-500);
    expect(clock()).toEqual(new Date('2026-01-02T03:04:06Z'));
    clock.set(new Date(0));
    expect(clock()).toEqual(new Date(0));
    clock.set('2030-01-01');
    expect(clock()).toEqual(new Date('2030-01-01'));
  });

  it('is turned by none of the dates it takes or gives', () => {
    const at = new Date(0);
    const clock = fixedClock(at);
    at.setTime(1);
    const before = clock();
    before.setTime(2);
    expect(clock()).toEqual(new Date(0));
    clock.advance(3);
    expect(before).toEqual(new Date(2));
  });

  it('refuses what is no date, and stands where it stood', () => {
    const clock = fixedClock(new Date(0));
    expect(() => fixedClock('soon')).toThrow(InvalidArgumentError);
    expect(() => clock.set('soon')).toThrow('to "soon" does not lead to a valid date.');
    expect(() => clock.advance(Number.NaN)).toThrow('milliseconds NaN does not lead to a valid date.');
    expect(clock()).toEqual(new Date(0));
  });

  it('gives a store its times', async () => {
    const clock = fixedClock('2026-01-02T03:04:05Z');
    const store = memoryStore({ name: 'bank', aggregates: [Account], clock });
    await store.append(Account, 'a', Deposited.create({ cents: 1 }));
    clock.advance(60_000);
    await store.append(Account, 'a', Deposited.create({ cents: 1 }));
    const times = (await Array.fromAsync(store.read())).map(({ time }) => time.toISOString());
    expect(times).toEqual(['2026-01-02T03:04:05.000Z', '2026-01-02T03:05:05.000Z']);
  });
});
