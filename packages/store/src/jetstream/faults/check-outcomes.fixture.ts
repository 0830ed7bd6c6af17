import { ConflictError, KeyTakenError } from '../../store-errors.ts';
import type { Told } from './attempt.fixture.ts';
import { checkConflict, checkTaken } from './check-refusals.fixture.ts';
import { type IndexedLog, indexed } from './indexed-log.fixture.ts';
import { patient } from './plan.fixture.ts';
import type { RawEvent } from './raw-log.fixture.ts';
import type { Settled } from './settle.fixture.ts';

/** What callers were told, held against what is in the log. */
export function checkOutcomes(settled: readonly Settled[], raw: readonly RawEvent[]): string[] {
  const log = indexed(settled, raw);
  const foreign = raw.filter((event) => log.writerOf(event) === undefined);
  return [
    ...foreign.map(({ position }) => `the event at position ${position} belongs to no append`),
    ...settled.flatMap((one) => checkOne(one, log).map((wrong) => `${nameOf(one)} ${wrong}`)),
  ];
}

function checkOne(one: Settled, log: IndexedLog): string[] {
  const { outcome, attempt } = one;
  const events = log.eventsOf(attempt.plan.number);
  const wrong = checkDoubts(one);
  if (outcome.kind === 'stored') {
    return [...wrong, ...checkEvents(one, events, outcome.results), ...checkKeys(one, events, log)];
  }
  if (outcome.kind === 'unexpected') {
    const { error } = outcome;
    return [`ended with ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
  }
  const { error } = outcome;
  if (events.length > 0)
    wrong.push(`stands at ${events.map(placeOf).join(', ')}; its error: ${error.message}`);
  if (error instanceof ConflictError) wrong.push(...checkConflict(one, error, log));
  else if (error instanceof KeyTakenError) wrong.push(...checkTaken(one, error, log));
  else if (error.code !== 'TIMEOUT' || attempt.plan.timeout === patient)
    wrong.push(`was given up: ${error.message} (${String(error.cause)})`);
  return wrong;
}

/** Only who gives up early may be left in doubt, and that once: every fault passes in the time of the patient. */
function checkDoubts({ attempt, doubts }: Settled): string[] {
  const allowed = attempt.plan.timeout === patient ? 0 : 1;
  return doubts <= allowed ? [] : ['was left in doubt, though it had the time to find out'];
}

/** All of its events are there, once, in a row, and where the caller was told. */
function checkEvents({ attempt }: Settled, events: readonly RawEvent[], results: readonly Told[]): string[] {
  const told = attempt.changes.flatMap(({ id, items }, index) =>
    items.map((item, offset) => {
      const { position = 0, revision = 0 } = results[index]?.events[offset] ?? {};
      return placeOf({ position, revision, aggregate: { id }, data: { item } });
    }),
  );
  const found = events.map(placeOf);
  const wrong: string[] = [];
  if (told.join() !== found.join()) wrong.push(`was told ${told.join(', ')}; stands at ${found.join(', ')}`);
  const first = events[0]?.position ?? 0;
  if (events.some(({ position }, index) => position !== first + index)) wrong.push('does not stand in a row');
  const isEnd = ({ position, revision, events: own }: Told) =>
    own.at(-1)?.position === position && own.at(-1)?.revision === revision;
  if (!results.every(isEnd)) wrong.push('was told another end than that of its events');
  return wrong;
}

/** At its end an aggregate holds the key that it reserved, and not the one that it released. */
function checkKeys({ attempt }: Settled, events: readonly RawEvent[], log: IndexedLog): string[] {
  const end = events.at(-1)?.position ?? 0;
  return attempt.changes.flatMap(({ id, keys }) =>
    keys.flatMap(({ action, value }) => {
      const last = log.ofKey(value).findLast(({ position }) => position <= end);
      const holds = last?.type === 'key-reserved' && last.data.id === id;
      if (holds === (action === 'reserve')) return [];
      const state = `the last before position ${end} is a ${last?.type} by ${last?.data.id} at ${last?.position}`;
      return [`did not ${action} ${value} for ${id}: ${state}`];
    }),
  );
}

function placeOf({
  position,
  revision,
  aggregate,
  data,
}: Pick<RawEvent, 'position' | 'revision'> & {
  readonly aggregate: { readonly id: string };
  readonly data: { readonly item: number };
}): string {
  return `${position} (event ${data.item}, revision ${revision} of ${aggregate.id})`;
}

function nameOf({ attempt, doubts }: Settled): string {
  const { number, way, ownIds } = attempt.plan;
  const ids = ownIds ? ' with ids of its own' : '';
  return `${way} ${number}${ids}${doubts > 0 ? `, in doubt ${doubts} times,` : ''}`;
}
