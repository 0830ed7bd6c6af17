import type { VersionProgress } from './version-progress.ts';

const running = new WeakMap<object, Map<number, VersionProgress>>();

/** What this process knows of a version that it builds itself, sooner than the repository says it. */
export function progressOf(repository: object, version: number): VersionProgress | undefined {
  return running.get(repository)?.get(version);
}

/** @returns how to take it back */
export function announceProgress(repository: object, version: number, progress: VersionProgress): () => void {
  const versions = running.get(repository) ?? new Map<number, VersionProgress>();
  running.set(repository, versions);
  versions.set(version, progress);
  return () => {
    if (versions.get(version) === progress) versions.delete(version);
  };
}
