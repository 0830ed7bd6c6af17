import type { Logger } from 'pino';
import type { AppConfig } from '../config/config.ts';

/** What every part finds when it starts. */
export interface PartContext {
  readonly config: AppConfig;
  /** Bound to the part's name. */
  readonly logger: Logger;
  /** Aborts when the application stops, or gives the start up. */
  readonly signal: AbortSignal;
}

// biome-ignore lint/suspicious/noExplicitAny: a part is handed its own value, and nobody else's
export type Needs = Readonly<Record<string, Part<any>>>;

/** The values of the parts that a part needs, by the names it gives them. */
export type ValuesOf<Of extends Needs> = {
  readonly [Name in keyof Of]: Of[Name] extends Part<infer Value> ? Value : never;
};

/** Something an application consists of, and how it begins and ends. Made by `definePart`. */
export interface Part<Value = unknown> {
  readonly name: string;
  readonly needs: Needs;
  start(context: PartContext, values: Readonly<Record<string, unknown>>): Value | Promise<Value>;
  stop(value: Value): unknown;
  check?(value: Value): unknown;
  mayPass(error: unknown): boolean;
  readonly timeout: number | undefined;
}

export interface PartOptions<Value, Of extends Needs> {
  /** Parts that are started before this one, and stopped after it. */
  readonly needs?: Of;
  /** Tried again, with growing delays and until the `startTimeout`, where it fails for what may pass. */
  readonly start: (context: PartContext & ValuesOf<Of>) => Value | Promise<Value>;
  /** Also called for a value that comes when nobody waits for it any more. */
  readonly stop?: (value: Value) => unknown;
  /** Asked for the application's health: throws, within a second, where the part is not fit for use. */
  readonly check?: (value: Value) => unknown;
  /**
   * Whether a failed start is worth another try. Default: errors of connections, such as `ECONNREFUSED`, and those that
   * say so themselves by `passing: true`.
   */
  readonly mayPass?: (error: unknown) => boolean;
  /** Milliseconds for all tries together. Default: `startTimeout`. */
  readonly timeout?: number;
}

/**
 * Describes a part of an application: a database, a client, a server of its own. Nothing runs until the application starts
 * it. A part can only need what has been defined before it, so there are no cycles.
 */
export function definePart<Value, const Of extends Needs = Record<never, never>>(
  name: string,
  { needs, start, stop, check, mayPass = mayPassByItself, timeout }: PartOptions<Value, Of>,
): Part<Value> {
  return {
    name,
    needs: needs ?? {},
    start: (context, values) => start({ ...values, ...context } as PartContext & ValuesOf<Of>),
    stop: (value) => stop?.(value),
    ...(check && { check }),
    mayPass,
    timeout,
  };
}

const ofConnections =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH)$/;

/** By what Node.js calls errors of connections, in the error or in what caused it. */
function mayPassByItself(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('passing' in error) return error.passing === true;
  if ('code' in error && ofConnections.test(String(error.code))) return true;
  return error instanceof AggregateError ? error.errors.some(mayPassByItself) : mayPassByItself(error.cause);
}
