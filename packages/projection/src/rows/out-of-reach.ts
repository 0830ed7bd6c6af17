/** Objects that are frozen with all that is in them. Being frozen alone says nothing about what is inside. */
const frozen = new WeakSet<object>();

/**
 * The value, such that nobody can change it for another: objects and arrays are frozen in place, once, and shared from
 * then on. A date, a map, bytes cannot be frozen: they are copied each time, with the objects around them and no more.
 */
export function outOfReach<Value>(value: Value): Value {
  return protect(value) as Value;
}

function protect(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || frozen.has(value)) return value;
  // A clone of a view would take along the buffer that it is a small part of.
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (isUnfreezable(value)) return structuredClone(value);
  const parts = Object.entries(value).map(([name, part]) => ({ name, part, kept: protect(part) }));
  if (parts.every(({ part, kept }) => part === kept)) {
    frozen.add(Object.freeze(value));
    return value;
  }
  const copied = parts.map(({ name, kept }) => [name, kept] as const);
  return Object.freeze(Array.isArray(value) ? copied.map(([, kept]) => kept) : Object.fromEntries(copied));
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
