import type { EventDefinition } from '../define-event.ts';

/** The event definitions in what modules export: as they are, in lists, or under `events` of what holds them. */
export function eventsIn(values: readonly unknown[]): readonly EventDefinition[] {
  const found = new Set<EventDefinition>();
  const seen = new Set<unknown>();
  const collect = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || seen.has(value) || depth > 3) return;
    seen.add(value);
    if (isEvent(value)) found.add(value);
    else if (Array.isArray(value)) for (const one of value) collect(one, depth + 1);
    else if ('events' in value) collect(value.events, depth + 1);
    else if ('types' in value && 'get' in value && typeof value.get === 'function') {
      for (const type of value.types as readonly string[]) collect(value.get(type), depth + 1);
    }
  };
  for (const module of values) {
    for (const exported of Object.values(module as object)) collect(exported, 0);
  }
  return [...found];
}

function isEvent(value: object): value is EventDefinition {
  return 'kind' in value && value.kind === 'event' && 'versions' in value && 'codec' in value;
}
