/**
 * The words of some fields of a row. They are kept as they are, in lower case: no language is assumed. PostgreSQL takes
 * at most 1 MB of words, which 100,000 characters cannot exceed.
 */
export function searchVector(data: string, fields: string): string {
  return `(CASE WHEN ${fields} IS NOT NULL THEN to_tsvector('simple', left(
    (SELECT coalesce(string_agg(${data} ->> f, ' '), '') FROM unnest(${fields}) AS f), 100000)) END)`;
}
