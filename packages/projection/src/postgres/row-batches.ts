/** PostgreSQL takes more; these keep statements short and the memory for them small. */
const mostRows = 5_000;
const mostCharacters = 8_000_000;

/** Puts rows into batches, one per statement: as few as make sense, and at least one, for what else the first one does. */
export function rowBatches<Row>(
  rows: Iterable<Row>,
  charactersOf: (row: Row) => number,
): readonly (readonly Row[])[] {
  const batches: (readonly Row[])[] = [];
  let batch: Row[] = [];
  let characters = 0;
  for (const row of rows) {
    const added = charactersOf(row);
    if (batch.length === mostRows || (batch.length > 0 && characters + added > mostCharacters)) {
      batches.push(batch);
      batch = [];
      characters = 0;
    }
    batch.push(row);
    characters += added;
  }
  return [...batches, batch];
}
