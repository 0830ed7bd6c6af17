import type { Item } from './item.ts';

/** The type of an event; nothing where it cannot be read, which its attempt fails for and tells. */
export function readableType(item: Pick<Item, 'type'>): string | undefined {
  try {
    return item.type();
  } catch {
    return undefined;
  }
}
