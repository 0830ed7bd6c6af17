import { defineEvent, defineState, json, type Logger, messagePack } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Aggregate, defineAggregate, type SnapshotPolicy } from '../aggregate.ts';
import { createEventStore } from '../create-event-store.ts';
import { memoryLog } from '../memory/memory-log.ts';
import { memorySnapshots } from '../memory/memory-snapshots.ts';
import type { SnapshotStore } from './snapshot-store.ts';

const Counted = defineEvent('counted', z.object({ by: z.int() }));
let evolved = 0;

function tally(snapshot: SnapshotPolicy<{ total: number }>) {
  return defineAggregate('tally', {
    events: [Counted],
    initial: { total: 0 },
    evolve: {
      counted({ total }, { data }) {
        evolved += 1;
        return { total: total + data.by };
      },
    },
    snapshot,
  });
}

const Tally = tally({ version: 1, every: 5 });
const key = { aggregate: { type: 'tally', id: 't' }, version: 1 };

function ground() {
  const log = memoryLog('counts');
  const snapshotStore = memorySnapshots();
  const warnings: string[] = [];
  const warn = (_: unknown, message: string) => void warnings.push(message);
  const logger: Logger = { info: () => {}, warn, error: warn };
  /** A store without anything in memory, as after a restart. */
  const open = <A extends Aggregate>(aggregate: A, kept: SnapshotStore = snapshotStore) =>
    createEventStore(log, { aggregates: [aggregate], snapshotStore: kept, warm: false, logger });
  const count = async (times: number) => {
    const store = open(Tally);
    for (let by = 1; by <= times; by += 1) await store.append(Tally, 't', Counted.create({ by: 1 }));
    await store.load(Tally, 't');
    await store.close();
  };
  return { log, snapshotStore, warnings, open, count };
}

/** How many events a load folds. */
async function folds(load: () => Promise<unknown>): Promise<number> {
  const before = evolved;
  await load();
  return evolved - before;
}

describe('a snapshot', () => {
  it('is taken after the events the policy says, and spares reading them', async () => {
    const { open, count, snapshotStore } = ground();
    await count(4);
    expect(await snapshotStore.load(key)).toBeUndefined();
    await count(3);
    expect(await snapshotStore.load(key)).toBeDefined();
    const store = open(Tally);
    await store.append(Tally, 't', Counted.create({ by: 1 }));
    expect(await folds(() => store.load(Tally, 't'))).toBe(1);
    expect(await store.load(Tally, 't')).toEqual({ state: { total: 8 }, revision: 8, position: 8 });
  });

  it('is taken once for so many events, not with each that follows', async () => {
    const { open, snapshotStore } = ground();
    let saved = 0;
    const counting: SnapshotStore = {
      load: snapshotStore.load,
      async save(at, bytes) {
        saved += 1;
        await snapshotStore.save(at, bytes);
      },
    };
    const store = open(Tally, counting);
    for (let n = 0; n < 23; n += 1) {
      await store.execute(Tally, 't', () => Counted.create({ by: 1 }));
      await store.load(Tally, 't');
    }
    await store.close();
    expect(saved).toBe(4);
  });

  it('is taken when a load was slow', async () => {
    const { open, count, snapshotStore } = ground();
    await count(12);
    const Slow = tally({ version: 2, every: 1_000, slowerThan: 0 });
    const store = open(Slow);
    await store.load(Slow, 't');
    await store.close();
    expect(await snapshotStore.load({ ...key, version: 2 })).toBeDefined();
  });

  it('of another version of evolve is not used', async () => {
    const { open, count } = ground();
    await count(7);
    const Next = tally({ version: 2, every: 5 });
    expect(await folds(() => open(Next).load(Next, 't'))).toBe(7);
  });

  it('that is broken is ignored with a warning, and replaced', async () => {
    for (const broken of [
      '',
      '{',
      'null',
      '{"format":"other"}',
      '{"format":"pipit-snapshot-1","revision":-1}',
    ]) {
      const { open, count, snapshotStore, warnings } = ground();
      await count(7);
      await snapshotStore.save(key, new TextEncoder().encode(broken));
      const store = open(Tally);
      expect(await store.load(Tally, 't')).toMatchObject({ state: { total: 7 }, revision: 7 });
      await store.close();
      expect(warnings).toEqual([expect.stringContaining('cannot be read')]);
      expect(await folds(() => open(Tally).load(Tally, 't'))).toBe(0);
    }
  });

  it('that is of another stream is ignored with a warning, and replaced', async () => {
    const elsewhere = ground();
    await elsewhere.count(9);
    const foreign = await elsewhere.snapshotStore.load(key);
    for (const events of [3, 9, 12]) {
      const { open, count, snapshotStore, warnings } = ground();
      await count(events);
      await snapshotStore.save(key, foreign ?? new Uint8Array());
      const store = open(Tally);
      expect(await store.load(Tally, 't')).toMatchObject({ state: { total: events }, revision: events });
      await store.close();
      expect(warnings).toEqual([expect.stringContaining('not of this stream')]);
      expect(await folds(() => open(Tally).load(Tally, 't'))).toBe(0);
    }
  });

  it('whose state its schema refuses is ignored and replaced', async () => {
    const { open, count, snapshotStore, warnings } = ground();
    await count(7);
    const kept = json.decode((await snapshotStore.load(key)) ?? new Uint8Array()) as object;
    await snapshotStore.save(key, json.encode({ ...kept, state: { total: 'many' } }));
    const Checked = tally({ version: 1, state: defineState('tally', z.object({ total: z.number() })) });
    expect(await open(Checked).load(Checked, 't')).toMatchObject({ state: { total: 7 } });
    expect(warnings).toEqual([expect.stringContaining('cannot be read')]);
  });

  it('whose facts do not fit its events is ignored with a warning, and replaced', async () => {
    const facts = [
      { revision: 4 },
      { revision: 6 },
      { eventId: 'another' },
      { position: 4 },
      { position: 99 },
    ];
    for (const fact of facts) {
      const { open, count, snapshotStore, warnings } = ground();
      await count(7);
      const kept = json.decode((await snapshotStore.load(key)) ?? new Uint8Array()) as object;
      await snapshotStore.save(key, json.encode({ ...kept, ...fact }));
      const store = open(Tally);
      expect(await store.load(Tally, 't')).toMatchObject({ state: { total: 7 }, revision: 7 });
      await store.close();
      expect(warnings).toEqual([expect.stringContaining('not of this stream')]);
      expect(await folds(() => open(Tally).load(Tally, 't'))).toBe(0);
    }
  });

  it('on which evolve fails is left aside with a warning, and replaced', async () => {
    const { log, open, count, snapshotStore, warnings } = ground();
    await count(7);
    const kept = json.decode((await snapshotStore.load(key)) ?? new Uint8Array()) as object;
    await open(Tally).append(Tally, 't', Counted.create({ by: 1 }));
    for (const warm of [false, 10] as const) {
      await snapshotStore.save(key, json.encode({ ...kept, state: null }));
      warnings.length = 0;
      const logger: Logger = { info: () => {}, warn: (_, text) => void warnings.push(text), error: () => {} };
      const store = createEventStore(log, { aggregates: [Tally], snapshotStore, warm, logger });
      expect(await store.load(Tally, 't')).toMatchObject({ state: { total: 8 }, revision: 8 });
      expect(await store.execute(Tally, 't', () => [])).toMatchObject({ state: { total: 8 }, revision: 8 });
      await store.close();
      expect(warnings[0]).toContain('not what its events lead to');
      expect(await folds(() => open(Tally).load(Tally, 't'))).toBe(0);
    }
  });

  it('leaves it to the caller to hear of an evolve that fails on its own events', async () => {
    const { log, count, snapshotStore } = ground();
    await count(7);
    const Failing = defineAggregate('tally', {
      events: [Counted],
      initial: { total: 0 },
      evolve: {
        counted(): { total: number } {
          throw new RangeError('evolve fails');
        },
      },
      snapshot: { version: 1, every: 5 },
    });
    const logger: Logger = { info: () => {}, warn: () => {}, error: () => {} };
    const store = createEventStore(log, { aggregates: [Failing], snapshotStore, warm: false, logger });
    await store.append(Failing, 't', Counted.create({ by: 1 }));
    await expect(store.load(Failing, 't')).rejects.toThrow('evolve fails');
  });

  it('is not taken where the schema would change the state, which is said once', async () => {
    const { log, snapshotStore, warnings, count } = ground();
    await count(7);
    const Narrow = defineAggregate('tally', {
      events: [Counted],
      initial: { total: 0 } as { total: number; last?: number | undefined },
      evolve: { counted: ({ total }, { data }) => ({ total: total + data.by, last: data.by }) },
      snapshot: { version: 4, every: 1, state: defineState('tally', z.object({ total: z.number() })) },
    });
    const logger: Logger = { info: () => {}, warn: (_, text) => void warnings.push(text), error: () => {} };
    const store = createEventStore(log, { aggregates: [Narrow], snapshotStore, logger });
    await store.load(Narrow, 't');
    for (let n = 0; n < 3; n += 1) await store.execute(Narrow, 't', () => Counted.create({ by: 1 }));
    await store.close();
    expect(await snapshotStore.load({ ...key, version: 4 })).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('its state cannot be written')]);
  });

  it('is taken where a state leaves out with undefined what its schema makes optional', async () => {
    const { log, snapshotStore, warnings, count } = ground();
    await count(7);
    const state = defineState('tally', z.object({ total: z.number(), last: z.number().optional() }));
    const Optional = defineAggregate('tally', {
      events: [Counted],
      initial: { total: 0 } as { total: number; last?: number | undefined },
      evolve: { counted: ({ total }, { data }) => ({ total: total + data.by, last: undefined }) },
      snapshot: { version: 5, every: 1, state },
    });
    const store = createEventStore(log, { aggregates: [Optional], snapshotStore });
    await store.load(Optional, 't');
    await store.close();
    expect(await snapshotStore.load({ ...key, version: 5 })).toBeDefined();
    expect(warnings).toEqual([]);
  });

  it('is not taken of one aggregate whose state cannot be written, and of all others', async () => {
    const { log, snapshotStore, warnings } = ground();
    const Average = defineAggregate('tally', {
      events: [Counted],
      initial: { count: 0, average: 0 },
      evolve: {
        counted: ({ count, average }, { data }) => ({
          count: count + data.by,
          average: (average * count + data.by) / (count + data.by),
        }),
      },
      snapshot: { version: 6, every: 2 },
    });
    const logger: Logger = { info: () => {}, warn: (_, text) => void warnings.push(text), error: () => {} };
    const store = createEventStore(log, { aggregates: [Average], snapshotStore, logger });
    for (const id of ['none', 'one', 'nothing', 'other'])
      for (let n = 0; n < 4; n += 1)
        await store.execute(Average, id, () => Counted.create({ by: id.startsWith('no') ? 0 : 1 }));
    await store.close();
    const taken = (id: string) => snapshotStore.load({ aggregate: { type: 'tally', id }, version: 6 });
    expect(await taken('none')).toBeUndefined();
    expect(await taken('one')).toBeDefined();
    expect(await taken('other')).toBeDefined();
    expect(warnings).toEqual([expect.stringContaining('its state cannot be written')]);
  });

  it('can be in another codec', async () => {
    const { open, count } = ground();
    await count(3);
    const schema = z.object({ total: z.number() });
    const Packed = tally({
      version: 9,
      every: 1,
      state: defineState('tally', schema, { codec: messagePack }),
    });
    const store = open(Packed);
    await store.load(Packed, 't');
    await store.close();
    expect(await folds(() => open(Packed).load(Packed, 't'))).toBe(0);
    expect(await open(Packed).load(Packed, 't')).toMatchObject({ state: { total: 3 } });
  });

  it('is not taken of a state that would not come back as it was, which is said once', async () => {
    const { log, snapshotStore, warnings, count } = ground();
    await count(7);
    const Dated = defineAggregate('tally', {
      events: [Counted],
      initial: { at: new Date(0) },
      evolve: { counted: (_, { time }) => ({ at: time }) },
      snapshot: { version: 3, every: 1 },
    });
    const logger: Logger = { info: () => {}, warn: (_, text) => void warnings.push(text), error: () => {} };
    const store = createEventStore(log, { aggregates: [Dated], snapshotStore, logger });
    expect((await store.load(Dated, 't')).state.at).toBeInstanceOf(Date);
    await store.load(Dated, 't');
    await store.close();
    expect(warnings).toEqual([expect.stringContaining('its state cannot be written')]);
  });

  it('that cannot be had or saved stands in nobody’s way', async () => {
    const { open, count, warnings } = ground();
    await count(7);
    const fail = () => Promise.reject(new Error('no room'));
    const store = open(Tally, { load: fail, save: fail });
    expect(await store.load(Tally, 't')).toMatchObject({ state: { total: 7 } });
    expect(await store.execute(Tally, 't', () => Counted.create({ by: 1 }))).toMatchObject({ revision: 8 });
    await store.close();
    // What is wrong with the place is said once for each load.
    expect(warnings).toEqual(Array(2).fill(expect.stringContaining('cannot be read')));
    warnings.length = 0;
    const other = open(Tally, { load: async () => undefined, save: fail });
    await other.load(Tally, 't');
    await other.close();
    expect(warnings).toEqual([expect.stringContaining('could not be saved')]);
  });

  it('does not keep an append or a load waiting', async () => {
    const { open, count } = ground();
    await count(7);
    const saving = Promise.withResolvers<void>();
    const store = open(Tally, { load: async () => undefined, save: () => saving.promise });
    await store.load(Tally, 't');
    await store.execute(Tally, 't', () => Counted.create({ by: 1 }));
    const closed = store.close();
    saving.resolve();
    await closed;
  });
});

it('a policy that makes no sense is refused when the aggregate is defined', () => {
  for (const snapshot of [
    { version: 0 },
    { version: 1.5 },
    { version: 1, every: 0 },
    { version: 1, slowerThan: -1 },
  ])
    expect(() => tally(snapshot)).toThrow(/snapshot policy/);
});
