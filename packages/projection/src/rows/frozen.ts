/**
 * The value, frozen with all that is in it that can be: a function that changes a row it was given fails, where its change
 * would be lost otherwise.
 */
export function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value))
    return value;
  Object.freeze(value);
  for (const part of Object.values(value)) frozen(part);
  return value;
}
