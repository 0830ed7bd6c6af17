import type { Codec } from './codec.ts';
import { isPlainObject } from './round-trip.ts';

/** Each level costs as much as writing all that is below it, and a value that holds itself has no innermost one. */
const deepest = 32;

/**
 * The path to the innermost value that a codec cannot take there and back, for an error message: codecs say what they
 * refuse but not where. Empty where there is no telling. Runs only after the codec has failed.
 */
export function pathToUnwritable(codec: Codec, value: unknown): readonly (string | number)[] {
  const path: (string | number)[] = [];
  let current = value;
  // A codec that takes no empty container (raw bytes) refuses the container, not what is in it.
  while (survives(codec, Array.isArray(current) ? [] : {})) {
    const culprit = entriesOf(current).find(([, child]) => !survives(codec, child));
    if (culprit === undefined) return path;
    path.push(culprit[0]);
    if (path.length > deepest) return [];
    current = culprit[1];
  }
  return path;
}

function entriesOf(value: unknown): (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return [...value.entries()];
  return isPlainObject(value) ? Object.entries(value).filter(([, child]) => child !== undefined) : [];
}

function survives(codec: Codec, value: unknown): boolean {
  try {
    codec.decode(codec.encode(value));
    return true;
  } catch {
    // The failure itself is reported by the caller, who has its cause; here only its place is looked for.
    return false;
  }
}
