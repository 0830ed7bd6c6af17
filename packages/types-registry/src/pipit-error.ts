/**
 * The root of every error that Pipit throws on purpose. `code` is stable across releases: branch on it (or on the
 * class); a `message` is written for people and may change.
 */
export abstract class PipitError extends Error {
  abstract readonly code: string;

  override get name(): string {
    return this.constructor.name;
  }
}
