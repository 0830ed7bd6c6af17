/** Objects that are frozen with all that is in them. Being frozen alone says nothing about what is inside. */
const frozen = new WeakSet<object>();
const few = 32;

/**
 * The value, such that nobody can change it for another: objects and arrays are frozen in place, once, and shared from
 * then on. A date, a map, bytes cannot be frozen: they are copied each time, with the objects around them and no more.
 */
export function outOfReach<Value>(value: Value): Value {
  return protect(value) as Value;
}

function protect(value: unknown): unknown {
  if (!isObject(value) || frozen.has(value)) return value;
  // A clone of a view would take along the buffer that it is a small part of.
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (isUnfreezable(value)) return structuredClone(value);
  const parts: readonly unknown[] = Object.values(value);
  // To look at so few parts again is faster than to remember that it was frozen.
  if (parts.length <= few && !parts.some(isObject)) return Object.freeze(value);
  const kept = parts.map(protect);
  if (kept.every((part, index) => part === parts[index])) {
    frozen.add(Object.freeze(value));
    return value;
  }
  const names = Object.keys(value);
  return Object.freeze(
    Array.isArray(value) ? kept : Object.fromEntries(kept.map((part, index) => [names[index], part])),
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

export function isUnfreezable(value: object): boolean {
  return (
    value instanceof Date ||
    value instanceof Map ||
    value instanceof Set ||
    value instanceof ArrayBuffer ||
    ArrayBuffer.isView(value)
  );
}
