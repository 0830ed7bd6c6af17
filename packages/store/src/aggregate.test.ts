import { defineCommand, defineEvent, InvalidSubjectTokenError } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineAggregate } from './aggregate.ts';

const Renamed = defineEvent('renamed', z.object({ name: z.string() }));
const Rename = defineCommand('rename', z.object({ name: z.string() }));

describe('an aggregate', () => {
  it('hands each event and command to its own function', () => {
    const User = defineAggregate('user', {
      events: [Renamed],
      commands: [Rename],
      initial: { name: '' },
      evolve: { renamed: (_, { data }) => data },
      decide: { rename: ({ data }) => Renamed.create(data) },
    });
    expect(User.evolve(User.initial, { type: 'renamed', data: { name: 'ada' } } as never)).toEqual({
      name: 'ada',
    });
    expect(User.decide(Rename.create({ name: 'ada' }), User.initial)).toMatchObject({ type: 'renamed' });
  });

  it('is refused when it is defined where JavaScript left out a function the compiler would have demanded', () => {
    const partial = { events: [Renamed], initial: {}, evolve: {} } as never;
    expect(() => defineAggregate('user', partial)).toThrow(/no evolve function for renamed/);
    const undecided = { events: [], initial: {}, evolve: {}, commands: [Rename] };
    expect(() => defineAggregate('user', undecided)).toThrow(/no decide function for rename/);
  });

  it('is refused where its type cannot be part of a subject', () => {
    const spec = { events: [], initial: {}, evolve: {} };
    expect(() => defineAggregate('', spec)).toThrow('aggregate type "" cannot be used: it is empty');
    expect(() => defineAggregate('a'.repeat(200), spec)).toThrow(/aggregate type "a+"… \(200 characters\)/);
    expect(() => defineAggregate(7 as never, spec)).toThrow(InvalidSubjectTokenError);
  });

  it('does not take a name of Object.prototype for a function', () => {
    const User = defineAggregate('user', {
      events: [Renamed],
      initial: {},
      evolve: { renamed: (state) => state },
    });
    expect(() => User.evolve({}, { type: 'constructor' } as never)).toThrow(
      /no evolve function for constructor/,
    );
  });
});
