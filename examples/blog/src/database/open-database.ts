import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { type Database, pgDatabase, pgliteDatabase } from '@pipit/projection/postgres';
import pg from 'pg';
import { claimFolder } from './claim-folder.ts';

/** Where views are kept. */
export interface OpenDatabase {
  readonly db: Database;
  /** After the last use. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Of a PostgreSQL server, whose views processes share. Default: PostgreSQL in this process, in the folder. */
  readonly url?: string | undefined;
  readonly folder: string;
}

/** A server is connected to when it is needed, so one that is not there is not known yet. */
export async function openDatabase({ url, folder }: DatabaseOptions): Promise<OpenDatabase> {
  return url === undefined ? openInProcess(resolve(folder)) : openServer(url);
}

function openServer(url: string): OpenDatabase {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'pipit-blog',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  return { db: pgDatabase(pool), close: () => pool.end() };
}

async function openInProcess(folder: string): Promise<OpenDatabase> {
  await mkdir(folder, { recursive: true });
  const release = await claimFolder(folder);
  try {
    const pglite = await PGlite.create(folder);
    return {
      db: pgliteDatabase(pglite),
      async close() {
        await pglite.close();
        await release();
      },
    };
  } catch (cause) {
    await release();
    throw new Error(
      `The database of the views in ${folder} cannot be opened (${cause}). Delete the folder, and they are built anew.`,
      { cause },
    );
  }
}
