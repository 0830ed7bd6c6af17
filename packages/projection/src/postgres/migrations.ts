import type { Tables } from './tables.ts';

/**
 * What makes the tables, one list of statements per version of them. What has been released is never changed: a change
 * is another list at the end.
 */
export function migrations(tables: Tables): readonly (readonly string[])[] {
  const { views, versions, shards, attendants, rows, claims } = tables;
  return [
    [
      `CREATE TABLE ${views} (
        view text COLLATE "C" PRIMARY KEY,
        active integer,
        search text[]
      )`,
      // Its numbers are never used again, also not when a version is dropped and made once more.
      `CREATE SEQUENCE ${claims}`,
      `CREATE TABLE ${versions} (
        view text COLLATE "C" NOT NULL REFERENCES ${views},
        version integer NOT NULL,
        shards integer NOT NULL,
        source text,
        made bigint NOT NULL,
        PRIMARY KEY (view, version)
      )`,
      `CREATE TABLE ${shards} (
        view text COLLATE "C" NOT NULL,
        version integer NOT NULL,
        shard integer NOT NULL,
        checkpoint bigint NOT NULL DEFAULT 0,
        epoch bigint NOT NULL DEFAULT 0,
        owner text,
        leased_until timestamptz,
        PRIMARY KEY (view, version, shard),
        FOREIGN KEY (view, version) REFERENCES ${versions} ON DELETE CASCADE
      ) WITH (fillfactor = 50)`,
      `CREATE TABLE ${attendants} (
        view text COLLATE "C" NOT NULL,
        version integer NOT NULL,
        owner text NOT NULL,
        leased_until timestamptz NOT NULL,
        PRIMARY KEY (view, version, owner),
        FOREIGN KEY (view, version) REFERENCES ${versions} ON DELETE CASCADE
      )`,
      // Room in the pages, and no index on what is not searched: a changed row then stays in its page, for half the cost.
      `CREATE TABLE ${rows} (
        view text COLLATE "C" NOT NULL,
        version integer NOT NULL,
        key text COLLATE "C" NOT NULL,
        position bigint NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        data jsonb NOT NULL,
        search tsvector,
        PRIMARY KEY (view, version, key)
      ) WITH (fillfactor = 70)`,
      `CREATE INDEX pipit_rows_search ON ${rows} USING gin (search) WHERE search IS NOT NULL`,
    ],
  ];
}
