import {
  defineCommand,
  defineEvent,
  InvalidPayloadError,
  InvalidSubjectTokenError,
  messagePack,
  UnknownEventTypeError,
  withTrace,
} from '@pipit/types-registry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineAggregate } from '../aggregate.ts';
import type { EventStore } from '../event-store.ts';
import { InvalidArgumentError } from '../invalid-argument.ts';
import { ConflictError, DuplicateEventIdError } from '../store-errors.ts';

const Opened = defineEvent('account-opened', z.object({ owner: z.string() }));
const Deposited = defineEvent('deposited', z.object({ cents: z.int().positive() }));
const Scanned = defineEvent('slip-scanned', z.object({ image: z.instanceof(Uint8Array) }), {
  codec: messagePack,
});
const Deposit = defineCommand('deposit', z.object({ cents: z.int() }));
const Noted = defineEvent(
  'noted',
  z.object({ text: z.string(), more: z.record(z.string(), z.unknown()).optional() }),
);

const Account = defineAggregate('account', {
  events: [Opened, Deposited, Scanned],
  commands: [Deposit],
  initial: { owner: '', cents: 0, slips: 0 },
  evolve: {
    'account-opened': (state, { data }) => ({ ...state, owner: data.owner }),
    deposited: (state, { data }) => ({ ...state, cents: state.cents + data.cents }),
    'slip-scanned': (state) => ({ ...state, slips: state.slips + 1 }),
  },
  decide: {
    deposit({ data }, state) {
      if (state.owner === '') throw new RangeError('there is no such account');
      return data.cents === 0 ? [] : Deposited.create({ cents: data.cents });
    },
  },
});

const Note = defineAggregate('note', {
  events: [Noted],
  initial: { text: '' },
  evolve: { noted: (_, { data }) => ({ text: data.text }) },
});

const aggregates = [Account, Note];
type ContractStore = EventStore<typeof Account | typeof Note>;

export interface OpenedStore {
  readonly store: ContractStore;
  /** Whatever has to end with the test, the store aside. */
  readonly release?: () => Promise<void>;
}

export type StoreOpener = (options: {
  readonly aggregates: typeof aggregates;
  readonly clock: () => Date;
}) => Promise<OpenedStore>;

/** What every event store promises. `open` gives a new, empty store each time. Runs under vitest. */
export function testEventStore(implementation: string, open: StoreOpener): void {
  describe(`${implementation} keeps the promises of an event store`, () => {
    const now = new Date('2026-01-02T03:04:05.678Z');
    let opened: OpenedStore;
    let store: ContractStore;

    beforeEach(async () => {
      opened = await open({ aggregates, clock: () => now });
      store = opened.store;
    });

    afterEach(async () => {
      await store.close();
      await opened.release?.();
    });

    async function read(options?: Parameters<ContractStore['read']>[0]) {
      return Array.fromAsync(store.read(options));
    }

    describe('append', () => {
      it('fills in id, time and revision, and says where the event is', async () => {
        const result = await store.append(Account, 'a', Opened.create({ owner: 'ada' }));
        expect(result).toMatchObject({ revision: 1, position: 1 });
        const [event] = result.events;
        expect(event).toMatchObject({
          type: 'account-opened',
          aggregate: { type: 'account', id: 'a' },
          revision: 1,
          position: 1,
          schemaVersion: 1,
          time: now,
          data: { owner: 'ada' },
          metadata: {},
          causationId: undefined,
          traceparent: undefined,
          store: store.name,
        });
        expect(event?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
        expect(event?.correlationId).toBe(event?.id);
      });

      it('returns the events as they are read again', async () => {
        const slip = Scanned.create(
          { image: new Uint8Array([0, 255, 10, 13]) },
          { metadata: { teller: '7', nested: { a: [1] } } },
        );
        const { events } = await store.append(Account, 'a', [Opened.create({ owner: 'ada' }), slip]);
        expect(await read()).toEqual(events);
      });

      it('numbers the events of an aggregate without a gap, and positions over the whole store', async () => {
        await store.append(Account, 'a', Opened.create({ owner: 'ada' }));
        await store.append(Account, 'b', Opened.create({ owner: 'bob' }));
        const several = await store.append(Account, 'a', [
          Deposited.create({ cents: 1 }),
          Deposited.create({ cents: 2 }),
        ]);
        expect(several.events.map(({ revision, position }) => [revision, position])).toEqual([
          [2, 3],
          [3, 4],
        ]);
        expect(several).toMatchObject({ revision: 3, position: 4 });
      });

      it('stores several events or none', async () => {
        const broken = Deposited.create({ cents: -1 });
        await expect(store.append(Account, 'a', [Opened.create({ owner: 'ada' }), broken])).rejects.toThrow(
          InvalidPayloadError,
        );
        expect(await read()).toEqual([]);
        expect(await store.load(Account, 'a')).toMatchObject({ revision: 0 });
      });

      it('refuses an empty list, an id used twice, an aggregate and an event it does not know', async () => {
        await expect(store.append(Account, 'a', [])).rejects.toThrow(InvalidArgumentError);
        const twice = Deposited.create({ cents: 1 }, { id: 'same' });
        await expect(store.append(Account, 'a', [twice, twice])).rejects.toThrow(InvalidArgumentError);
        const Stranger = defineAggregate('stranger', {
          events: [Noted],
          initial: {},
          evolve: { noted: (s) => s },
        });
        await expect(
          store.append(Stranger as never, 'a', Noted.create({ text: '' }) as never),
        ).rejects.toThrow(InvalidArgumentError);
        await expect(store.append(Account, 'a', Noted.create({ text: '' }) as never)).rejects.toThrow(
          InvalidArgumentError,
        );
        const unknown = { type: '__proto__', data: {} };
        await expect(store.append(Account, 'a', unknown as never)).rejects.toThrow(UnknownEventTypeError);
        expect(await store.position()).toBe(0);
      });
    });

    describe('expected revision', () => {
      it('lets an append through exactly when it holds', async () => {
        const deposit = Deposited.create({ cents: 1 });
        await expect(store.append(Account, 'a', deposit, { expected: 'exists' })).rejects.toThrow(
          ConflictError,
        );
        await store.append(Account, 'a', Opened.create({ owner: 'ada' }), { expected: 'none' });
        await expect(store.append(Account, 'a', deposit, { expected: 'none' })).rejects.toThrow(
          ConflictError,
        );
        await store.append(Account, 'a', deposit, { expected: 'exists' });
        await store.append(Account, 'a', deposit, { expected: 'any' });
        await store.append(Account, 'a', deposit, { expected: 3 });
        await expect(store.append(Account, 'a', deposit, { expected: 3 })).rejects.toThrow(ConflictError);
        await expect(store.append(Account, 'a', deposit, { expected: 9 })).rejects.toThrow(ConflictError);
        await expect(store.append(Account, 'b', deposit, { expected: 1 })).rejects.toThrow(ConflictError);
        await store.append(Account, 'b', deposit, { expected: 0 });
        expect(await store.load(Account, 'a')).toMatchObject({ revision: 4, state: { cents: 3 } });
      });

      it('names the actual revision in a conflict', async () => {
        await store.append(Account, 'a', [Opened.create({ owner: 'ada' }), Deposited.create({ cents: 5 })]);
        const conflict = store.append(Account, 'a', Deposited.create({ cents: 1 }), { expected: 1 });
        await expect(conflict).rejects.toMatchObject({
          code: 'CONFLICT',
          aggregate: { type: 'account', id: 'a' },
          expected: 1,
          actual: 2,
        });
      });

      it('refuses a timeout that no timer can keep', async () => {
        for (const timeout of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
          const appended = store.append(Account, 'a', Deposited.create({ cents: 1 }), { timeout });
          await expect(appended).rejects.toThrow(InvalidArgumentError);
        }
      });

      it('refuses a revision that is none', async () => {
        for (const expected of [-1, 1.5, Number.NaN, 'some']) {
          const appended = store.append(Account, 'a', Deposited.create({ cents: 1 }), {
            expected: expected as never,
          });
          await expect(appended).rejects.toThrow(InvalidArgumentError);
        }
      });

      it('has exactly one winner in a race, and tells the losers the actual revision', async () => {
        for (let round = 0; round < 20; round += 1) {
          const racers = Array.from({ length: 8 }, () =>
            store.append(Account, `race-${round}`, Deposited.create({ cents: 1 }), { expected: 0 }),
          );
          const outcomes = await Promise.allSettled(racers);
          expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
          const lost = outcomes.flatMap((outcome) =>
            outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
          );
          for (const reason of lost) expect(reason).toMatchObject({ code: 'CONFLICT', actual: 1 });
        }
      });

      it('lets every append win that expects any revision', async () => {
        const deposits = Array.from({ length: 50 }, () =>
          store.append(Account, 'a', Deposited.create({ cents: 1 })),
        );
        const revisions = (await Promise.all(deposits)).map(({ revision }) => revision);
        expect(revisions.toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: 50 }, (_, index) => index + 1),
        );
      });
    });

    describe('an append that is repeated with the same ids', () => {
      it('writes nothing and answers as the first did', async () => {
        const one = Opened.create({ owner: 'ada' }, { id: 'first' });
        const first = await store.append(Account, 'a', one, { expected: 0 });
        await store.append(Account, 'a', Deposited.create({ cents: 1 }));
        expect(await store.append(Account, 'a', one, { expected: 0 })).toMatchObject({
          revision: 1,
          position: first.position,
        });
        expect(await store.append(Account, 'a', one)).toMatchObject({
          revision: 1,
          position: first.position,
        });
        expect(await store.position()).toBe(2);
      });

      it('does so for several events', async () => {
        const several = [
          Opened.create({ owner: 'ada' }, { id: 'x 1' }),
          Deposited.create({ cents: 1 }, { id: 'ö 2' }),
        ];
        const first = await store.append(Account, 'a', several);
        expect(await store.append(Account, 'a', several)).toMatchObject({
          revision: 2,
          position: first.position,
        });
        expect(await store.position()).toBe(2);
      });

      it('answers with the events as they were stored', async () => {
        const first = await store.append(
          Account,
          'a',
          Opened.create({ owner: 'ada' }, { id: 'x', metadata: { try: '1' } }),
        );
        const second = await store.append(
          Account,
          'a',
          Opened.create({ owner: 'ada' }, { id: 'x', metadata: { try: '2' } }),
        );
        expect(second).toEqual(first);
      });

      it('leaves the state that execute returns as it is', async () => {
        await store.append(Account, 'a', Opened.create({ owner: 'ada' }));
        const decide = () => Deposited.create({ cents: 100 }, { id: 'once' });
        const first = await store.execute(Account, 'a', decide);
        const second = await store.execute(Account, 'a', decide);
        expect(second).toEqual(first);
        expect(second.state.cents).toBe(100);
      });

      it('is no repetition where more events, or other ones, come with a known id', async () => {
        await store.append(Account, 'a', Deposited.create({ cents: 1 }, { id: 'known' }));
        const known = Deposited.create({ cents: 1 }, { id: 'known' });
        const longer = store.append(Account, 'a', [known, Deposited.create({ cents: 2 })], {
          expected: 'none',
        });
        await expect(longer).rejects.toThrow(/expected at revision none|was used before/);
        const other = store.append(Account, 'a', Deposited.create({ cents: 999 }, { id: 'known' }));
        await expect(other).rejects.toThrow(DuplicateEventIdError);
        expect(await store.load(Account, 'a')).toMatchObject({ revision: 1, state: { cents: 1 } });
      });

      it('is refused where an id was used for something else', async () => {
        await store.append(Account, 'a', Opened.create({ owner: 'ada' }, { id: 'taken' }));
        const elsewhere = store.append(Account, 'b', Opened.create({ owner: 'bob' }, { id: 'taken' }));
        await expect(elsewhere).rejects.toThrow(DuplicateEventIdError);
        const mixed = [
          Deposited.create({ cents: 1 }, { id: 'new' }),
          Deposited.create({ cents: 1 }, { id: 'taken' }),
        ];
        await expect(store.append(Account, 'a', mixed)).rejects.toThrow(DuplicateEventIdError);
        expect(await store.position()).toBe(1);
      });
    });

    describe('load', () => {
      it('gives an aggregate that does not exist its initial state', async () => {
        expect(await store.load(Account, 'nobody')).toEqual({
          state: Account.initial,
          revision: 0,
          position: 0,
        });
      });

      it('folds the events of the one aggregate, and says the revision and position it saw', async () => {
        await store.append(Account, 'a', [Opened.create({ owner: 'ada' }), Deposited.create({ cents: 5 })]);
        await store.append(Account, 'ab', Opened.create({ owner: 'bob' }));
        await store.append(Account, 'a', Deposited.create({ cents: 2 }));
        await store.append(Note, 'a', Noted.create({ text: 'no account' }));
        expect(await store.load(Account, 'a')).toEqual({
          state: { owner: 'ada', cents: 7, slips: 0 },
          revision: 3,
          position: 4,
        });
        expect(await store.load(Account, 'ab')).toMatchObject({ revision: 1, position: 3 });
      });

      it('stops at a revision', async () => {
        await store.append(
          Account,
          'a',
          [1, 2, 3].map((cents) => Deposited.create({ cents })),
        );
        expect(await store.load(Account, 'a', { toRevision: 2 })).toMatchObject({
          revision: 2,
          position: 2,
          state: { cents: 3 },
        });
        expect(await store.load(Account, 'a', { toRevision: 0 })).toMatchObject({
          revision: 0,
          state: { cents: 0 },
        });
        expect(await store.load(Account, 'a', { toRevision: 9 })).toMatchObject({ revision: 3 });
      });

      it('reads aggregates of thousands of events', async () => {
        const deposits = Array.from({ length: 500 }, () => Deposited.create({ cents: 1 }));
        for (let round = 0; round < 3; round += 1) await store.append(Account, 'a', deposits);
        expect(await store.load(Account, 'a')).toMatchObject({
          revision: 1500,
          position: 1500,
          state: { cents: 1500 },
        });
      });
    });

    describe('execute', () => {
      it('loads, decides, appends, and returns the state after', async () => {
        await store.execute(Account, 'a', () => Opened.create({ owner: 'ada' }));
        const result = await store.execute(Account, 'a', (state, { revision }) => {
          expect([state.owner, revision]).toEqual(['ada', 1]);
          return [Deposited.create({ cents: 1 }), Deposited.create({ cents: 2 })];
        });
        expect(result).toMatchObject({ state: { owner: 'ada', cents: 3 }, revision: 3, position: 3 });
        expect(result.events).toHaveLength(2);
        expect(result.state).toEqual((await store.load(Account, 'a')).state);
      });

      it('appends nothing when there is nothing to do', async () => {
        const { revision } = await store.append(Account, 'a', Opened.create({ owner: 'ada' }));
        expect(await store.execute(Account, 'a', () => [])).toMatchObject({ revision, events: [] });
        expect(await store.position()).toBe(1);
      });

      it('passes commands to the decide function of the aggregate, and what it throws to the caller', async () => {
        await expect(store.execute(Account, 'a', Deposit.create({ cents: 5 }))).rejects.toThrow(
          'there is no such account',
        );
        await store.append(Account, 'a', Opened.create({ owner: 'ada' }));
        await store.execute(Account, 'a', Deposit.create({ cents: 5 }));
        expect(await store.execute(Account, 'a', Deposit.create({ cents: 0 }))).toMatchObject({
          revision: 2,
          state: { cents: 5 },
        });
        await expect(store.execute(Account, 'a', Deposit.create({ cents: 0.5 }))).rejects.toThrow(
          InvalidPayloadError,
        );
      });

      it('decides again on a fresh state when another writer came first', async () => {
        await store.append(Account, 'a', Opened.create({ owner: 'ada' }));
        const deposits = Array.from({ length: 20 }, () =>
          store.execute(Account, 'a', ({ cents }) => Deposited.create({ cents: cents + 1 }), {
            retries: 100,
          }),
        );
        await Promise.all(deposits);
        expect(await store.load(Account, 'a')).toMatchObject({ revision: 21, state: { cents: 2 ** 20 - 1 } });
      });

      it('gives up after the retries it was told', async () => {
        let decisions = 0;
        const beaten = store.execute(
          Account,
          'a',
          () => {
            decisions += 1;
            throwAway.push(store.append(Account, 'a', Deposited.create({ cents: 1 })));
            return Deposited.create({ cents: 100 });
          },
          { retries: 2 },
        );
        const throwAway: Promise<unknown>[] = [];
        await expect(beaten).rejects.toThrow(ConflictError);
        await Promise.all(throwAway);
        expect(decisions).toBe(3);
        expect(await store.load(Account, 'a')).toMatchObject({ revision: 3, state: { cents: 3 } });
      });

      it('is a conflict at once where the caller acted upon another revision', async () => {
        await store.append(Account, 'a', [Opened.create({ owner: 'ada' }), Deposited.create({ cents: 1 })]);
        let decided = false;
        const stale = store.execute(
          Account,
          'a',
          () => {
            decided = true;
            return [];
          },
          { expected: 1 },
        );
        await expect(stale).rejects.toMatchObject({ code: 'CONFLICT', expected: 1, actual: 2 });
        expect(decided).toBe(false);
      });
    });

    describe('read', () => {
      beforeEach(async () => {
        await store.append(Account, 'a', Opened.create({ owner: 'ada' }));
        await store.append(Note, 'a', Noted.create({ text: 'one' }));
        await store.append(Account, 'b', Opened.create({ owner: 'bob' }));
        await store.append(Account, 'a', [Deposited.create({ cents: 1 }), Deposited.create({ cents: 2 })]);
        await store.append(Note, 'b', Noted.create({ text: 'two' }));
      });

      const positions = (events: readonly { readonly position: number }[]) =>
        events.map(({ position }) => position);

      it('gives all events in the order of positions', async () => {
        expect(positions(await read())).toEqual([1, 2, 3, 4, 5, 6]);
      });

      it('begins at a position', async () => {
        expect(positions(await read({ fromPosition: 4 }))).toEqual([4, 5, 6]);
        expect(positions(await read({ fromPosition: 7 }))).toEqual([]);
      });

      it('selects by type of aggregate and by type of event', async () => {
        expect(positions(await read({ aggregate: Note }))).toEqual([2, 6]);
        expect(positions(await read({ aggregate: [Note, Account] }))).toEqual([1, 2, 3, 4, 5, 6]);
        expect(positions(await read({ aggregate: [Note, Note] }))).toEqual([2, 6]);
        expect(positions(await read({ events: [Deposited, Noted] }))).toEqual([2, 4, 5, 6]);
        expect(positions(await read({ aggregate: Account, events: [Opened], fromPosition: 2 }))).toEqual([3]);
        expect(positions(await read({ aggregate: Account, events: [Scanned] }))).toEqual([]);
      });

      it('selects one aggregate, and revisions of it', async () => {
        expect(positions(await read({ aggregate: Account, id: 'a' }))).toEqual([1, 4, 5]);
        expect(positions(await read({ aggregate: Account, id: 'a', fromRevision: 2 }))).toEqual([4, 5]);
        expect(
          positions(await read({ aggregate: Account, id: 'a', fromRevision: 2, toRevision: 2 })),
        ).toEqual([4]);
        expect(
          positions(await read({ aggregate: Account, id: 'a', events: [Deposited], fromPosition: 5 })),
        ).toEqual([5]);
        expect(positions(await read({ aggregate: Account, id: 'c' }))).toEqual([]);
      });

      it('refuses what makes no sense', async () => {
        await expect(read({ fromPosition: 0 })).rejects.toThrow(InvalidArgumentError);
        await expect(read({ fromRevision: 1 })).rejects.toThrow(InvalidArgumentError);
        await expect(read({ id: 'a' })).rejects.toThrow(InvalidArgumentError);
        await expect(read({ aggregate: [] })).rejects.toThrow(InvalidArgumentError);
      });

      it('ends where the store ended when it was called, whatever is appended meanwhile', async () => {
        const seen: number[] = [];
        for await (const { position } of store.read()) {
          seen.push(position);
          await store.append(Note, 'c', Noted.create({ text: 'more' }));
        }
        expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
      });

      it('can be left before its end', async () => {
        for await (const { position } of store.read()) if (position === 2) break;
        expect(positions(await read())).toHaveLength(6);
      });
    });

    describe('follow', () => {
      it('says at once that there is nothing to read', async () => {
        for await (const batch of store.follow()) {
          expect(batch).toEqual({ events: [], position: 0, caughtUp: true });
          break;
        }
      });

      it('goes on live without a gap or a repetition', async () => {
        const total = 200;
        const append = async () => {
          for (let cents = 1; cents <= total; cents += 1)
            await store.append(Account, `a${cents % 7}`, Deposited.create({ cents }));
        };
        const appended = append();
        const end = new AbortController();
        const seen: number[] = [];
        for await (const { events } of store.follow({
          aggregate: Account,
          events: [Deposited],
          signal: end.signal,
        })) {
          seen.push(...events.map(({ data }) => data.cents));
          if (seen.length >= total) end.abort();
        }
        await appended;
        expect(seen).toEqual(Array.from({ length: total }, (_, index) => index + 1));
      });

      it('says how far it has seen the store, also past events that were not asked for', async () => {
        await store.append(Note, 'a', Noted.create({ text: 'one' }));
        await store.append(Account, 'a', Opened.create({ owner: 'ada' }));
        await store.append(Note, 'a', Noted.create({ text: 'two' }));
        const texts: string[] = [];
        for await (const { events, position, caughtUp } of store.follow({ aggregate: Account })) {
          texts.push(...events.map(({ type }) => type));
          if (!caughtUp) continue;
          expect(position).toBe(3);
          break;
        }
        expect(texts).toEqual(['account-opened']);
      });

      it('begins at a position, and ends when its signal aborts or the store closes', async () => {
        for (let cents = 1; cents <= 5; cents += 1)
          await store.append(Account, 'a', Deposited.create({ cents }));
        const end = new AbortController();
        const seen: number[] = [];
        for await (const { events, caughtUp } of store.follow({ fromPosition: 4, signal: end.signal })) {
          seen.push(...events.map(({ position }) => position));
          if (caughtUp) end.abort();
        }
        expect(seen).toEqual([4, 5]);
        for await (const { caughtUp } of store.follow()) if (caughtUp) await store.close();
      });
    });

    describe('what happens to an event', () => {
      it('is inherited from the trace it is appended in, also after an await', async () => {
        const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
        await withTrace({ correlationId: 'chain', causationId: 'cause', traceparent }, async () => {
          await store.position();
          await store.append(Account, 'a', Opened.create({ owner: 'ada' }));
        });
        await store.append(Account, 'b', Opened.create({ owner: 'bob' }));
        const [inside, outside] = await read();
        expect(inside).toMatchObject({ correlationId: 'chain', causationId: 'cause', traceparent });
        expect(outside).toMatchObject({
          correlationId: outside?.id,
          causationId: undefined,
          traceparent: undefined,
        });
      });

      it('keeps odd ids apart and gives them back as they were', async () => {
        const ids = [
          'a.b',
          'a=2Eb',
          'a b',
          '*',
          '>',
          'a/b',
          '🐦',
          '\u0000\n',
          '__proto__',
          'constructor',
          'é',
          'e\u0301',
          '%',
          '=',
        ];
        for (const id of ids) await store.append(Note, id, Noted.create({ text: id }), { expected: 'none' });
        for (const id of ids)
          expect(await store.load(Note, id)).toMatchObject({ revision: 1, state: { text: id } });
        expect((await read()).map((event) => event.aggregate.id)).toEqual(ids);
      });

      it('refuses ids that no subject can hold', async () => {
        for (const id of ['', 'x'.repeat(10_000), '\ud800']) {
          await expect(store.append(Note, id, Noted.create({ text: '' }))).rejects.toThrow(
            InvalidSubjectTokenError,
          );
          await expect(store.load(Note, id)).rejects.toThrow(InvalidSubjectTokenError);
          await expect(store.execute(Note, id, () => [])).rejects.toThrow(InvalidSubjectTokenError);
        }
        expect(await store.position()).toBe(0);
      });

      it('carries payloads and metadata with odd keys and text', async () => {
        const more = JSON.parse(
          '{"__proto__":{"polluted":true},"constructor":1,"ключ":"значение"}',
        ) as Record<string, unknown>;
        const metadata = JSON.parse(
          '{"__proto__":"x","revision":7,"line\\nbreak":"a\\r\\nce-id: forged","userid":"ü \\"%"}',
        );
        await store.append(Note, 'n', Noted.create({ text: '🐦\u2028\u0000' }, { metadata }));
        await store.append(Note, 'n', Noted.create({ text: 'x', more }));
        const [first, second] = await read();
        expect(first?.data).toEqual({ text: '🐦\u2028\u0000' });
        expect(JSON.stringify(first?.metadata)).toContain('forged');
        expect(Object.keys(first?.metadata ?? {}).toSorted()).toEqual(Object.keys(metadata).toSorted());
        expect(second?.revision).toBe(2);
        expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
      });
    });

    it('refuses to work once it is closed', async () => {
      await store.close();
      await expect(store.append(Account, 'a', Opened.create({ owner: 'ada' }))).rejects.toThrow(
        InvalidArgumentError,
      );
      await expect(store.load(Account, 'a')).rejects.toThrow(InvalidArgumentError);
      await expect(read()).rejects.toThrow(InvalidArgumentError);
    });
  });
}
