import type { OpenOptions, ViewVersions } from '../repository.ts';
import { checkShards, checkVersion } from '../rows/version-arguments.ts';
import {
  ShardsMismatchError,
  SourceMismatchError,
  UnknownVersionError,
  VersionActiveError,
} from '../version-errors.ts';
import type { Statements } from './database.ts';
import type { PostgresView } from './postgres-view.ts';
import { versionRows } from './version-rows.ts';

export function postgresVersions<Row>(view: PostgresView<Row>): ViewVersions<Row> {
  const { name, tables } = view;
  const { versions, views, shards, rows } = tables;
  return {
    async list() {
      const found = await view.query<{ version: number; active: boolean; checkpoints: string }>(
        `SELECT version, version = (SELECT active FROM ${views} WHERE view = $1::text) AS active,
          (SELECT json_agg(checkpoint ORDER BY shard) FROM ${shards} s
            WHERE s.view = $1::text AND s.version = v.version)::text AS checkpoints
        FROM ${versions} v WHERE view = $1::text ORDER BY version`,
        [name],
      );
      return found.map(({ version, active, checkpoints }) => ({
        version,
        active: active === true,
        checkpoints: JSON.parse(checkpoints) as number[],
      }));
    },
    async open(version, options) {
      checkVersion(name, version);
      checkShards(name, options.shards);
      const made = await view.transaction((transaction) =>
        ensureVersion(view, transaction, version, options),
      );
      return versionRows(view, version, made);
    },
    async activate(version, { insteadOf } = {}) {
      await view.transaction(async (transaction) => {
        const active = await lockView(view, transaction);
        const found = Number.isInteger(version) ? await madeAs(view, transaction, version) : undefined;
        if (found === undefined) throw new UnknownVersionError(name, version);
        if (insteadOf !== undefined && insteadOf !== active) return;
        await transaction.query(`UPDATE ${views} SET active = $2::integer WHERE view = $1::text`, [
          name,
          version,
        ]);
      });
    },
    async drop(version) {
      await view.transaction(async (transaction) => {
        if ((await lockView(view, transaction)) === version) throw new VersionActiveError(name, version);
        // Waits for the write of an owner that has begun; no other begins after it.
        await transaction.query(`DELETE FROM ${versions} WHERE view = $1::text AND version = $2::integer`, [
          name,
          version,
        ]);
        await transaction.query(`DELETE FROM ${rows} WHERE view = $1::text AND version = $2::integer`, [
          name,
          version,
        ]);
      });
    },
  };
}

/**
 * Makes a version where there is none, active where it is the first.
 *
 * @returns what tells it from others that are made later under its number
 * @throws ShardsMismatchError; SourceMismatchError
 */
export async function ensureVersion<Row>(
  view: PostgresView<Row>,
  transaction: Statements,
  version: number,
  { shards: count, source }: OpenOptions,
): Promise<string> {
  const { versions, views, shards, claims } = view.tables;
  await lockView(view, transaction);
  const found = await madeAs(view, transaction, version);
  if (found !== undefined) {
    if (found.shards !== count) throw new ShardsMismatchError(view.name, version, count, found.shards);
    if (source === undefined || source === found.source) return found.made;
    if (found.source !== null) throw new SourceMismatchError(view.name, version, source, found.source);
    await transaction.query(
      `UPDATE ${versions} SET source = $3::text WHERE view = $1::text AND version = $2::integer`,
      [view.name, version, source],
    );
    return found.made;
  }
  const made = [view.name, version, count];
  const [inserted] = await transaction.query<{ made: string }>(
    `INSERT INTO ${versions} (view, version, shards, source, made)
    VALUES ($1::text, $2::integer, $3::integer, $4::text, nextval($5::text::regclass)) RETURNING made::text`,
    [...made, source ?? null, claims],
  );
  await transaction.query(
    `INSERT INTO ${shards} (view, version, shard)
    SELECT $1::text, $2::integer, shard FROM generate_series(0, $3::integer - 1) AS shard`,
    made,
  );
  await transaction.query(
    `UPDATE ${views} SET active = $2::integer WHERE view = $1::text AND active IS NULL`,
    [view.name, version],
  );
  return inserted?.made ?? '';
}

/** Lets nobody else change which versions there are. Returns the active one. */
async function lockView<Row>({ name, tables }: PostgresView<Row>, transaction: Statements) {
  const [found] = await transaction.query<{ active: number | null }>(
    `SELECT active FROM ${tables.views} WHERE view = $1::text FOR UPDATE`,
    [name],
  );
  return found?.active;
}

async function madeAs<Row>(
  { name, tables }: PostgresView<Row>,
  transaction: Statements,
  version: number,
): Promise<{ readonly shards: number; readonly source: string | null; readonly made: string } | undefined> {
  const [found] = await transaction.query<{ shards: number; source: string | null; made: string }>(
    `SELECT shards, source, made::text FROM ${tables.versions} WHERE view = $1::text AND version = $2::integer`,
    [name, version],
  );
  return found;
}
