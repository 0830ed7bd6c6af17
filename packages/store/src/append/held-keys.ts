import type { AggregateRef } from '@pipit/types-registry';
import { InvalidArgumentError } from '../invalid-argument.ts';
import type { KeyChange } from './unique-key.ts';

/** A change of a key, for the aggregate beside whose events it stands. */
export interface HeldKey {
  readonly change: KeyChange;
  readonly owner: AggregateRef;
  /** Who hands the key over in the same append. */
  readonly from: AggregateRef | undefined;
  /** Made of that of the event it stands beside, so that a repetition of the append repeats it too. */
  readonly eventId: string;
}

/** What is to be stored of one aggregate, as far as it is checked. */
export interface CheckedChange {
  readonly part: { readonly aggregate: AggregateRef; readonly drafts: readonly { readonly id: string }[] };
  readonly keys: readonly KeyChange[];
}

/**
 * The keys of an append, each once, since each is written once: one that an aggregate releases and another reserves is
 * handed over.
 *
 * @throws InvalidArgumentError for a key that stands in it twice otherwise
 */
export function heldKeys(changes: readonly CheckedChange[]): readonly HeldKey[] {
  const held = changes.flatMap(({ part, keys }): HeldKey[] =>
    keys.map((change, index) => ({
      change,
      owner: part.aggregate,
      from: undefined,
      eventId: `${part.drafts[0]?.id}.key-${index + 1}`,
    })),
  );
  if (held.length < 2) return held;
  const byKey = new Map<string, HeldKey>();
  for (const key of held) {
    const name = JSON.stringify([key.change.name, key.change.value]);
    const other = byKey.get(name);
    byKey.set(name, other === undefined ? key : handedOver(other, key));
  }
  return [...byKey.values()];
}

/** The value stays out of the error, since errors end up in logs. */
function handedOver(first: HeldKey, second: HeldKey): HeldKey {
  const [taker, giver] = first.change.action === 'reserve' ? [first, second] : [second, first];
  const isBetweenTwo = first.owner !== second.owner && taker.from === undefined;
  if (isBetweenTwo && taker.change.action === 'reserve' && giver.change.action === 'release')
    return { ...taker, from: giver.owner };
  throw new InvalidArgumentError(
    'events',
    `has the same ${first.change.name} twice: an append changes a key once, or hands it over from one aggregate that releases it ` +
      'to one that reserves it',
  );
}
