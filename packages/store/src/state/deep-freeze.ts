/**
 * Freezes plain objects and arrays all the way down, so that a state that is shared cannot be changed by one who holds
 * it. What is frozen already is taken as frozen below as well, so a state that shares parts with the one before it costs
 * only what is new.
 *
 * @returns whether all of it is frozen now: not so where something in it can be changed whatever is frozen, such as a
 * Map, a Date or an instance of a class, or lies too deep to be looked at
 */
export function deepFreeze(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function';
  if (knownFrozen.has(value)) return true;
  if (depth > deepest || !(Array.isArray(value) || isPlain(value))) return false;
  Object.freeze(value);
  let whole = true;
  for (const key of Reflect.ownKeys(value)) {
    if (!deepFreeze(Reflect.get(value, key), depth + 1)) whole = false;
  }
  if (whole) knownFrozen.add(value);
  return whole;
}

/** No state of a user is nested like that, but one that holds itself is. */
const deepest = 200;

/** Only what has been walked through: an object that its owner froze may hold what is not. */
const knownFrozen = new WeakSet<object>();

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
