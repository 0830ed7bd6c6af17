/**
 * Freezes plain objects and arrays all the way down, so that a state that is shared cannot be changed by one who holds
 * it. What is frozen already is taken as frozen below as well, so a state that shares parts with the one before it costs
 * only what is new.
 *
 * @returns whether all of it is frozen now: not so where something in it can be changed whatever is frozen, such as a
 * Map, a Date or an instance of a class
 */
export function deepFreeze(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function';
  if (knownFrozen.has(value)) return true;
  if (!Array.isArray(value) && !isPlain(value)) return false;
  Object.freeze(value);
  let whole = true;
  for (const key of Object.keys(value)) {
    if (!deepFreeze((value as Readonly<Record<string, unknown>>)[key])) whole = false;
  }
  if (whole) knownFrozen.add(value);
  return whole;
}

/** Only what has been walked through: an object that its owner froze may hold what is not. */
const knownFrozen = new WeakSet<object>();

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
