import type { Repository, Where } from '../repository.ts';
import { outOfReach } from './out-of-reach.ts';

/**
 * Rows in the process's memory. Rows are data: plain objects, arrays, dates, maps, sets, bytes. They are frozen when
 * they are saved, so that they can be handed out without a copy and nobody changes them behind the projection's back;
 * what cannot be frozen is copied.
 */
export function memoryRepository<Row>(): Repository<Row> {
  const rows = new Map<string, Row>();
  return {
    get: async (key) => outOfReach(rows.get(key)),
    find: async (where) => {
      const all = [...rows.values()];
      return (where === undefined ? all : all.filter((row) => fits(row, where))).map(outOfReach);
    },
    async save(key, row) {
      rows.set(key, outOfReach(row));
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
  return Object.entries(where).every(([field, value]) => Object.is(row[field as keyof Row], value));
}
