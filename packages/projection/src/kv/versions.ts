import { nuid } from '@nats-io/nats-core';
import type { OpenOptions, ViewVersions } from '../repository.ts';
import { checkShards, checkVersion } from '../rows/version-arguments.ts';
import {
  ShardsMismatchError,
  SourceMismatchError,
  UnknownVersionError,
  VersionActiveError,
} from '../version-errors.ts';
import { createBucket, deleteBucket, hasBucket } from './bucket.ts';
import {
  changeDirectory,
  deleteLeaving,
  type KeptVersion,
  noVersions,
  readDirectory,
  writeDirectory,
} from './directory.ts';
import type { KvApi } from './kv-api.ts';
import { isMissingBucket } from './kv-failure.ts';
import type { KvView } from './kv-view.ts';
import { readCheckpoint, versionRows } from './version-rows.ts';

export function kvVersions<Row>(view: KvView<Row>): ViewVersions<Row> {
  const { name, attempt } = view;

  return {
    list: () =>
      attempt(async (api) => {
        const { active, versions } = (await readDirectory(api, view))?.value ?? noVersions;
        const listed = Object.entries(versions).map(async ([number, kept]) => ({
          version: Number(number),
          active: Number(number) === active,
          checkpoints: await checkpoints(api, kept),
        }));
        return (await Promise.all(listed)).sort((one, other) => one.version - other.version);
      }),
    async open(version, options) {
      checkVersion(name, version);
      checkShards(name, options.shards);
      return versionRows(view, version, await ensureVersion(view, version, options));
    },
    activate: (version, { insteadOf } = {}) =>
      attempt((api) =>
        changeDirectory(api, view, (directory) => {
          if (directory.versions[version] === undefined) throw new UnknownVersionError(name, version);
          const { active } = directory;
          const stays = active === version || (insteadOf !== undefined && insteadOf !== active);
          return stays ? undefined : { ...directory, active: version };
        }),
      ),
    drop: (version) =>
      attempt(async (api) => {
        await changeDirectory(api, view, (directory) => {
          const { [version]: found, ...versions } = directory.versions;
          if (found === undefined) return undefined;
          if (directory.active === version) throw new VersionActiveError(name, version);
          return { ...directory, versions, leaving: [...directory.leaving, found.bucket] };
        });
        await deleteLeaving(api, view);
      }),
  };
}

/**
 * Makes a version where there is none, or where its bucket is gone. Active where it is the first.
 *
 * @throws ShardsMismatchError; SourceMismatchError
 */
export function ensureVersion<Row>(
  view: KvView<Row>,
  version: number,
  options: OpenOptions,
): Promise<KeptVersion> {
  const { name, bucket, settings, attempt } = view;
  // Nobody who had the version before can take the new one for it.
  const own = `${bucket}_v${version}_${nuid.next()}`;
  let isMade = false;

  return attempt(async (api) => {
    await deleteLeaving(api, view);
    for (;;) {
      const entry = await readDirectory(api, view);
      const directory = entry?.value ?? noVersions;
      const found = directory.versions[version];
      if (found !== undefined) check(name, version, found, options);
      const isThere = found !== undefined && (await hasBucket(api, found.bucket));
      const source = found?.source ?? options.source;
      if (isThere && source === found.source) {
        // Another process has been quicker.
        if (isMade && found.bucket !== own) await deleteBucket(api, own);
        return found;
      }
      if (!isThere && !isMade) {
        await createBucket(api, own, settings, name);
        isMade = true;
      }
      const made: KeptVersion = {
        bucket: isThere ? found.bucket : own,
        shards: options.shards,
        ...(source !== undefined && { source }),
      };
      await writeDirectory(api, view, entry, {
        ...directory,
        active: directory.active ?? version,
        versions: { ...directory.versions, [version]: made },
      });
    }
  });
}

function check(view: string, version: number, found: KeptVersion, { shards, source }: OpenOptions): void {
  if (found.shards !== shards) throw new ShardsMismatchError(view, version, shards, found.shards);
  if (source !== undefined && found.source !== undefined && source !== found.source)
    throw new SourceMismatchError(view, version, source, found.source);
}

async function checkpoints(api: KvApi, { bucket, shards }: KeptVersion): Promise<readonly number[]> {
  try {
    return await Promise.all(
      Array.from({ length: shards }, (_, shard) => readCheckpoint(api, bucket, shard)),
    );
  } catch (error) {
    // Dropped meanwhile, or its bucket is gone: what is opened next begins at the start.
    if (isMissingBucket(error)) return new Array<number>(shards).fill(0);
    throw error;
  }
}
