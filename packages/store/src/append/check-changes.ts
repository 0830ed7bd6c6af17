import type { NewEvent } from '@pipit/types-registry';
import { InvalidArgumentError } from '../invalid-argument.ts';
import type { Item } from './given-items.ts';
import { type CheckedChange, heldKeys } from './held-keys.ts';
import { isKeyChange } from './unique-key.ts';

/** @throws InvalidArgumentError where there is none: what happens to an aggregate, happens to it by its events */
export function eventsOf(items: readonly Item[]): readonly NewEvent[] {
  const events = items.filter((item) => !isKeyChange(item)) as NewEvent[];
  if (events.length > 0) return events;
  if (items.length === 0) throw new InvalidArgumentError('events', 'is empty: give at least one event');
  const keys = items.filter(isKeyChange).map(({ action, name }) => `${action} ${name}`);
  throw new InvalidArgumentError(
    'events',
    `has only keys (${keys.join(', ')}): a key is reserved or released beside an event of its aggregate, so give at ` +
      'least one',
  );
}

/** @throws InvalidArgumentError for what cannot be stored as one */
export function checkTogether(changes: readonly CheckedChange[], maxBatch: number): void {
  const ids = changes.flatMap(({ part }) => part.drafts.map(({ id }) => id));
  if (new Set(ids).size < ids.length)
    throw new InvalidArgumentError('events', 'has two events with the same id');
  const twice = repeated(
    changes.map(({ part }) => `${part.aggregate.type} ${JSON.stringify(part.aggregate.id)}`),
  );
  if (twice !== undefined) {
    throw new InvalidArgumentError('changes', `has ${twice} twice: put all its events into one change`);
  }
  const count = ids.length + heldKeys(changes).length;
  if (count <= maxBatch) return;
  throw new InvalidArgumentError(
    'events',
    `has ${count} events and keys, and at most ${maxBatch} can be stored as one: append them in several steps`,
  );
}

function repeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}
