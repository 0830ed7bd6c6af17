import type { OpenOptions, VersionRows, ViewVersions } from '../repository.ts';
import type { RowGuard } from '../rows/row-guard.ts';
import { checkShards, checkVersion } from '../rows/version-arguments.ts';
import {
  ShardsMismatchError,
  SourceMismatchError,
  UnknownVersionError,
  VersionActiveError,
} from '../version-errors.ts';
import { ownShard } from './memory-shard.ts';
import { type MemoryVersion, memoryVersion } from './memory-version.ts';

export interface MemoryVersions<Row> extends ViewVersions<Row> {
  active(): MemoryVersion<Row> | undefined;
  /** Makes version 1 where there is none. */
  requireActive(): MemoryVersion<Row>;
}

export function memoryVersions<Row>(view: string, guard: RowGuard<Row>): MemoryVersions<Row> {
  const versions = new Map<number, MemoryVersion<Row>>();
  let active: MemoryVersion<Row> | undefined;

  function require(version: number): MemoryVersion<Row> {
    const found = versions.get(version);
    if (found === undefined) throw new UnknownVersionError(view, version);
    return found;
  }

  function ensure(number: number, { shards, source }: OpenOptions): MemoryVersion<Row> {
    const found = versions.get(number);
    if (found === undefined) {
      const made = memoryVersion<Row>(number, shards);
      made.source = source;
      versions.set(number, made);
      active ??= made;
      return made;
    }
    if (found.shards.length !== shards)
      throw new ShardsMismatchError(view, number, shards, found.shards.length);
    found.source ??= source;
    if (source !== undefined && source !== found.source)
      throw new SourceMismatchError(view, number, source, found.source ?? '');
    return found;
  }

  /** Rows that were dropped are not those of a version that was made later under the same number. */
  function rowsOf(version: MemoryVersion<Row>): VersionRows<Row> {
    function stateOf(shard: number) {
      const state = versions.get(version.number) === version ? version.shards[shard] : undefined;
      if (state === undefined) throw new UnknownVersionError(view, version.number);
      return state;
    }
    return {
      async claim(shard, owner, lease) {
        const state = stateOf(shard);
        const now = performance.now();
        if (state.claim !== undefined && state.leasedUntil > now) return undefined;
        state.claim = {};
        state.leasedUntil = now + lease;
        return ownShard(view, version, state, owner, guard);
      },
      checkpoint: async (shard) => stateOf(shard).checkpoint,
      async attend(owner, lease) {
        stateOf(0);
        const now = performance.now();
        const { attending } = version;
        if (lease > 0) attending.set(owner, now + lease);
        else attending.delete(owner);
        for (const [other, until] of attending) if (until <= now) attending.delete(other);
        return attending.size;
      },
    };
  }

  return {
    active: () => active,
    requireActive: () => active ?? ensure(1, { shards: 1 }),
    async list() {
      return [...versions.values()]
        .sort((one, other) => one.number - other.number)
        .map((version) => ({
          version: version.number,
          active: version === active,
          checkpoints: version.shards.map(({ checkpoint }) => checkpoint),
        }));
    },
    async open(version, options) {
      checkVersion(view, version);
      checkShards(view, options.shards);
      return rowsOf(ensure(version, options));
    },
    async activate(version, { insteadOf = active?.number } = {}) {
      const found = require(version);
      if (active?.number === insteadOf) active = found;
    },
    async drop(version) {
      const found = versions.get(version);
      if (found === undefined) return;
      if (found === active) throw new VersionActiveError(view, version);
      versions.delete(version);
      for (const state of found.shards) state.claim = undefined;
    },
  };
}
