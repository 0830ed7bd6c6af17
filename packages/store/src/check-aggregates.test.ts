import { defineEvent } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Aggregate, defineAggregate } from './aggregate.ts';
import { checkAggregates } from './check-aggregates.ts';

const noted = () => defineEvent('noted', z.object({}));
const Noted = noted();
const aggregate = (type: string, ...events: (typeof Noted)[]) =>
  defineAggregate(type, {
    events,
    initial: {},
    evolve: { noted: (state) => state },
  }) as unknown as Aggregate;

describe('aggregates of one store', () => {
  it('may share an event', () => {
    expect(() => checkAggregates([aggregate('note', Noted), aggregate('log', Noted)])).not.toThrow();
  });

  it('are refused with different events of one name, and named both', () => {
    expect(() => checkAggregates([aggregate('note', Noted), aggregate('log', noted())])).toThrow(
      /aggregates note and log have different events named noted/,
    );
  });

  it('are refused with one name, or with one that the store keeps', () => {
    expect(() => checkAggregates([aggregate('note', Noted), aggregate('note', Noted)])).toThrow(
      /two aggregates are named note/,
    );
    expect(() => checkAggregates([aggregate('unique:email')])).toThrow(/keeps for unique keys/);
  });
});
