import type { RecordedEvent } from '@pipit/types-registry';
import { isLedgerEvent, nameOf, type RawEvent } from './raw-log.fixture.ts';

/** What is wrong with the log itself, whoever wrote it. */
export function checkLog(
  raw: readonly RawEvent[],
  read: readonly RecordedEvent[],
  followed: readonly RecordedEvent[],
): string[] {
  return [
    ...checkNumbers(raw),
    ...checkOwners(raw),
    ...compare('the store reads', read, raw),
    ...compare('the follower saw', followed, raw),
  ];
}

/** Positions, and every aggregate's revisions, are 1, 2, 3 …, and no id stands there twice. */
function checkNumbers(raw: readonly RawEvent[]): string[] {
  const wrong: string[] = [];
  const revisions = new Map<string, number>();
  const ids = new Set<string>();
  for (const [index, { position, id, revision, aggregate }] of raw.entries()) {
    const name = nameOf(aggregate);
    const expected = (revisions.get(name) ?? 0) + 1;
    if (position !== index + 1) wrong.push(`position ${position} follows ${index}`);
    if (revision !== expected)
      wrong.push(`${name} has revision ${revision} at position ${position} where ${expected} should be`);
    if (ids.has(id)) wrong.push(`event ${id} is there twice, again at position ${position}`);
    revisions.set(name, revision);
    ids.add(id);
  }
  return wrong;
}

/** A key has one owner at most: nobody else changes it before its owner releases it. */
function checkOwners(raw: readonly RawEvent[]): string[] {
  const wrong: string[] = [];
  const owners = new Map<string, string>();
  for (const event of raw.filter((one) => !isLedgerEvent(one))) {
    const { position, type, aggregate, data } = event;
    const { id = '' } = data;
    const key = nameOf(aggregate);
    const owner = owners.get(key) ?? id;
    if (owner !== id) wrong.push(`${type} of ${key} by ${id} at position ${position} while ${owner} has it`);
    if (type === 'key-reserved') owners.set(key, id);
    else owners.delete(key);
  }
  return wrong;
}

function compare(who: string, found: readonly RecordedEvent[], raw: readonly RawEvent[]): string[] {
  const wanted = raw.filter(isLedgerEvent).map(placeOf);
  const places = found.map(placeOf);
  const index = wanted.findIndex((place, at) => place !== places[at]);
  if (index === -1 && wanted.length === places.length) return [];
  const at = Math.max(index, 0);
  return [
    `${who} ${places[at]} where the stream has ${wanted[at]} (${places.length} of ${wanted.length} events)`,
  ];
}

function placeOf({ id, aggregate, position, revision }: RawEvent | RecordedEvent): string {
  return `${id} at position ${position}, revision ${revision} of ${nameOf(aggregate)}`;
}
