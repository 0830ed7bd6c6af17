import type { NewEvent } from '@pipit/types-registry';
import { shown } from '../argument-checks.ts';
import { InvalidArgumentError } from '../invalid-argument.ts';
import { isKeyChange, type KeyChange } from './unique-key.ts';

export type Item = NewEvent | KeyChange;

/**
 * What an append or a decision is given, as a list.
 *
 * @throws InvalidArgumentError for what holds something else, as callers without types may pass
 */
export function givenItems(argument: 'events' | 'decision', given: unknown): readonly Item[] {
  const items = (Array.isArray(given) ? given : [given]) as readonly Item[];
  for (const item of items) {
    const problem = problemOf(item);
    if (problem !== undefined) throw new InvalidArgumentError(argument, problem);
  }
  return items;
}

function problemOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return `must hold ${wanted}, not ${shown(item)}`;
  if ('then' in item) return `must hold ${wanted}, not a promise: decide is not async, so await before it`;
  const { type, create } = item as { readonly type?: unknown; readonly create?: unknown };
  if (typeof create === 'function') return `has the definition of ${String(type)} in it: call its create(…)`;
  if (typeof type === 'string' || isKeyChange(item as Item)) return undefined;
  return `must hold ${wanted}, not an object without a type`;
}

const wanted = 'an event, or a list of events and keys (an empty one where a decision leads to nothing)';
