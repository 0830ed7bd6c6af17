import { createBucket, deleteBucket } from './bucket.ts';
import { type Entry, readEntry, writeEntry } from './entry.ts';
import type { KvApi } from './kv-api.ts';
import { isMissingBucket } from './kv-failure.ts';
import type { KvView } from './kv-view.ts';

/** Which versions a view has: one entry, so that it changes in one step. */
export interface Directory {
  readonly active?: number;
  readonly versions: Readonly<Record<string, KeptVersion>>;
  /** Buckets of versions that have been dropped, until they are deleted. */
  readonly leaving: readonly string[];
}

export interface KeptVersion {
  /** Its own. Another one where a version is made again under the same number. */
  readonly bucket: string;
  readonly shards: number;
  readonly source?: string;
}

const key = 'versions';
export const noVersions: Directory = { versions: {}, leaving: [] };

/** `undefined` where nothing has been written yet. */
export async function readDirectory<Row>(
  api: KvApi,
  { bucket }: KvView<Row>,
): Promise<Entry<Directory> | undefined> {
  try {
    return await readEntry<Directory>(api, bucket, key);
  } catch (error) {
    if (isMissingBucket(error)) return undefined;
    throw error;
  }
}

/** @returns whether it was still as it had been read */
export async function writeDirectory<Row>(
  api: KvApi,
  view: KvView<Row>,
  before: Entry<Directory> | undefined,
  directory: Directory,
): Promise<boolean> {
  const { maxBytes: _, ...settings } = view.settings;
  if (before === undefined) await createBucket(api, view.bucket, settings, view.name);
  return (await writeEntry(api, view.bucket, key, directory, before?.revision ?? 0)) !== undefined;
}

/** @param change what is to be there; `undefined` where nothing is to change */
export async function changeDirectory<Row>(
  api: KvApi,
  view: KvView<Row>,
  change: (directory: Directory) => Directory | undefined,
): Promise<void> {
  for (;;) {
    const entry = await readDirectory(api, view);
    const changed = change(entry?.value ?? noVersions);
    if (changed === undefined || (await writeDirectory(api, view, entry, changed))) return;
  }
}

/** Frees the space of versions that have been dropped, also where who dropped them was killed meanwhile. */
export async function deleteLeaving<Row>(api: KvApi, view: KvView<Row>): Promise<void> {
  const { leaving = [] } = (await readDirectory(api, view))?.value ?? noVersions;
  if (leaving.length === 0) return;
  for (const bucket of leaving) await deleteBucket(api, bucket);
  await changeDirectory(api, view, (directory) => ({
    ...directory,
    leaving: directory.leaving.filter((bucket) => !leaving.includes(bucket)),
  }));
}
