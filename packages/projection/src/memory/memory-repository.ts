import type { Repository, Where } from '../repository.ts';

/**
 * Rows in the process's memory. They are frozen when they are saved, so that they can be handed out without a copy and
 * nobody changes them behind the projection's back.
 */
export function memoryRepository<Row>(): Repository<Row> {
  const rows = new Map<string, Row>();
  return {
    get: async (key) => rows.get(key),
    find: async (where) => {
      const all = [...rows.values()];
      return where === undefined ? all : all.filter((row) => fits(row, where));
    },
    async save(key, row) {
      rows.set(key, deepFreeze(row));
    },
    async delete(key) {
      rows.delete(key);
    },
    async clear() {
      rows.clear();
    },
  };
}

function fits<Row>(row: Row, where: Where<Row>): boolean {
  return Object.keys(where).every((field) => Object.is(row[field as keyof Row], where[field as keyof Row]));
}

/** What is frozen already has been frozen here before, with all that is in it. */
function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value))
    return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
