import type { ConsumerConfig } from '@nats-io/jetstream';

/** The metadata of a group's consumer that says which types of aggregates, or topic, its members ask for. */
export const typesKey = 'pipit-types';

/** @param types as subject tokens, in which there is no comma */
export function sayTypes(types: Iterable<string>): string {
  return [...types].sort().join(',');
}

export function typesOf({ metadata }: ConsumerConfig): ReadonlySet<string> {
  return new Set(metadata?.[typesKey]?.split(',').filter((type) => type !== ''));
}
