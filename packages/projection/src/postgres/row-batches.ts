/** PostgreSQL takes more; these keep statements short and the memory for them small. */
const mostRows = 1_000;
const mostCharacters = 8_000_000;

/**
 * Puts rows, each a JSON object, into JSON arrays for `json_to_recordset`: one per statement, as few as make sense, and at
 * least one, for what else the first statement does.
 */
export function rowBatches(rows: Iterable<string>): readonly string[] {
  const batches: string[] = [];
  let batch: string[] = [];
  let characters = 0;
  for (const row of rows) {
    if (batch.length === mostRows || (batch.length > 0 && characters + row.length > mostCharacters)) {
      batches.push(`[${batch}]`);
      batch = [];
      characters = 0;
    }
    batch.push(row);
    characters += row.length;
  }
  return [...batches, `[${batch}]`];
}
