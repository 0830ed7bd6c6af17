/** Runs statements. Values are `$1`, `$2` … in the text, and never become part of it. */
export interface Statements {
  query<Result = Readonly<Record<string, unknown>>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<readonly Result[]>;
}

/**
 * What a PostgreSQL database has to offer: `pgDatabase` for a server and `pgliteDatabase` in process do. Errors are those
 * of the driver.
 */
export interface Database extends Statements {
  /**
   * Commits what the work has done, and rolls back where it rejects. The work's statements run on one connection, one
   * after the other. When the commit itself rejects, it may have happened.
   */
  transaction<Result>(work: (transaction: Statements) => Promise<Result>): Promise<Result>;
}
