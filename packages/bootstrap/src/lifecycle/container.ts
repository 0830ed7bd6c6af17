import { PipitError } from '@pipit/types-registry';
import type { Logger } from 'pino';
import type { AppConfig } from '../config/config.ts';
import type { PartHealth } from './health.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Part } from './part.ts';
import { reasonOf } from './reason-of.ts';
import { untilPossible } from './until-possible.ts';
import { within } from './within.ts';

/** Hands out the value of a part that has started. @throws PartError */
export type Get = <Value>(part: Part<Value>) => Value;

/** A part cannot be had. */
export class PartError extends PipitError {
  readonly code = 'PART';
  readonly part: string;

  constructor(part: string, problem: string) {
    super(`Part ${part} ${problem}`);
    this.part = part;
  }
}

/** The parts of an application: each started once, after what it needs. */
export interface Container {
  /**
   * Starts a part, after those that it needs; one that has started, or is starting, is not started again.
   *
   * @throws PartError where another part has its name; the error of its last try; TimeoutError; StartInterruptedError
   */
  start<Value>(part: Part<Value>): Promise<Value>;
  readonly get: Get;
  /** How each part is, those that have a check by asking it. */
  health(): Promise<readonly PartHealth[]>;
}

export interface ContainerOptions {
  readonly config: AppConfig;
  readonly logger: Logger;
  readonly lifecycle: Pick<Lifecycle, 'add' | 'stopping'>;
}

interface Starting {
  readonly part: Part;
  readonly promise: Promise<unknown>;
}

interface Started {
  readonly part: Part;
  readonly value: unknown;
}

/** Milliseconds that a part may take to say how it is. */
const checkTimeout = 1_000;

export function createContainer({ config, logger, lifecycle }: ContainerOptions): Container {
  /** Also those that have started. */
  const begun = new Map<string, Starting>();
  /** In the order in which they did. */
  const started = new Map<string, Started>();
  const signal = lifecycle.stopping;

  function start<Value>(part: Part<Value>): Promise<Value> {
    const known = begun.get(part.name);
    if (known !== undefined && known.part !== part) {
      return Promise.reject(
        new PartError(part.name, 'is started already, and it is another one: give each a name of its own.'),
      );
    }
    if (known !== undefined) return known.promise as Promise<Value>;
    const promise = startNew(part);
    begun.set(part.name, { part: part as Part, promise });
    return promise;
  }

  async function startNew<Value>(part: Part<Value>): Promise<Value> {
    let isGivenUp = false;
    try {
      const values: Record<string, unknown> = {};
      for (const [name, needed] of Object.entries(part.needs)) values[name] = await start(needed);
      const value = await untilPossible(() => attempt(part, values, () => isGivenUp), {
        doing: `Starting ${part.name}`,
        deadline: Date.now() + (part.timeout ?? config.startTimeout),
        mayPass: part.mayPass,
        logger,
        signal,
      });
      signal.throwIfAborted();
      started.set(part.name, { part: part as Part, value });
      return value;
    } catch (error) {
      isGivenUp = true;
      // It may be started again.
      begun.delete(part.name);
      throw error;
    }
  }

  async function attempt<Value>(
    part: Part<Value>,
    values: Record<string, unknown>,
    isGivenUp: () => boolean,
  ): Promise<Value> {
    const context = { config, logger: logger.child({ part: part.name }), signal };
    const value = await part.start(context, values);
    let stopped: Promise<unknown> | undefined;
    const stop = () => {
      stopped ??= (async () => part.stop(value))();
      return stopped;
    };
    lifecycle.add(part.name, stop);
    // What comes after all has no place beside what may be started instead.
    if (isGivenUp()) {
      stop().catch((err: unknown) =>
        context.logger.warn({ err }, 'came too late, and did not stop in good order'),
      );
    }
    return value;
  }

  async function healthOf({ part, value }: Started): Promise<PartHealth> {
    const { name } = part;
    try {
      const limit = {
        timeout: checkTimeout,
        operation: `Checking ${name}`,
        advice: 'It counts as not ready.',
      };
      await within(limit, () => part.check?.(value));
      return { name, state: 'ready' };
    } catch (error) {
      return { name, state: 'not-ready', reason: reasonOf(error) };
    }
  }

  return {
    start,
    get: (part) => {
      const found = started.get(part.name);
      if (found?.part !== part) {
        throw new PartError(part.name, 'has not started: list it in the parts of createApp, or start it.');
      }
      return found.value as never;
    },
    async health() {
      if (signal.aborted) return [...begun.keys()].map((name) => ({ name, state: 'stopping' as const }));
      const starting = [...begun.keys()].filter((name) => !started.has(name));
      return [
        ...(await Promise.all([...started.values()].map(healthOf))),
        ...starting.map((name) => ({ name, state: 'starting' as const })),
      ];
    },
  };
}
