import { InvalidArgumentError } from '../invalid-argument.ts';
import { deepFreeze } from './deep-freeze.ts';

/**
 * Where every aggregate of a type begins: who changed it would change them all. It is frozen; one that cannot be, since
 * there is a Map or a Date in it, is copied for each use.
 *
 * @throws InvalidArgumentError where it can be neither frozen nor copied
 */
export function initialState(type: string, initial: unknown): () => unknown {
  if (deepFreeze(initial)) return () => initial;
  const copied = () => copyOf(type, initial, 0);
  copied();
  return copied;
}

/** No state of a user is nested like that, but one that holds itself is. */
const deepest = 200;

function copyOf(type: string, value: unknown, depth: number): unknown {
  const copy = (part: unknown) => copyOf(type, part, depth + 1);
  if (typeof value === 'function') throw uncopied(type, 'a function');
  if (typeof value !== 'object' || value === null) return value;
  if (depth > deepest) throw uncopied(type, 'parts that hold themselves, or are nested too deep');
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value)) return Object.freeze(value.map(copy));
  if (prototype === Map.prototype)
    return new Map([...(value as Map<unknown, unknown>)].map(([key, part]) => [copy(key), copy(part)]));
  if (prototype === Set.prototype) return new Set([...(value as Set<unknown>)].map(copy));
  if (prototype === Date.prototype || ArrayBuffer.isView(value)) return structuredClone(value);
  if (prototype === Object.prototype || prototype === null) {
    const parts = Reflect.ownKeys(value).map((key) => [key, copy(Reflect.get(value, key))] as const);
    const result: object = Object.create(prototype as object | null);
    for (const [key, part] of parts) Object.defineProperty(result, key, { value: part, enumerable: true });
    return Object.freeze(result);
  }
  // Its class may keep what no copy gets at, and its owner says that nothing changes it.
  if (Object.isFrozen(value)) return value;
  throw uncopied(type, `an instance of ${value.constructor?.name ?? 'a class'} that is not frozen`);
}

function uncopied(type: string, part: string): InvalidArgumentError {
  return new InvalidArgumentError(
    `Aggregate ${type}`,
    `has an initial state with ${part} in it, which all aggregates of the type would share: make it of plain data, Map, ` +
      'Set, Date and binary data, or freeze instances of classes that never change',
  );
}
