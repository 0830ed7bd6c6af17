/** The names of the tables, ready to be put into statements. */
export interface Tables {
  readonly schema: string;
  readonly migrations: string;
  readonly views: string;
  readonly versions: string;
  readonly shards: string;
  readonly attendants: string;
  readonly rows: string;
  readonly claims: string;
}

/** @param schema any name that PostgreSQL can have */
export function tablesIn(schema: string): Tables {
  const named = (name: string) => `${quoted(schema)}.pipit_${name}`;
  return {
    schema,
    migrations: named('migrations'),
    views: named('views'),
    versions: named('versions'),
    shards: named('shards'),
    attendants: named('attendants'),
    rows: named('rows'),
    claims: named('claims'),
  };
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
