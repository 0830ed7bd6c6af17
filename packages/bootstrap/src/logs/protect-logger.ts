import { currentTrace, notedEvent } from '@pipit/types-registry';
import type { Bindings, ChildLoggerOptions, Logger } from 'pino';
import { type Facts, factsRedaction, type Serializers } from './facts-redaction.ts';
import { redacted, type TextRedaction, textRedaction } from './text-redaction.ts';

/** A logger that prints no secret and nothing personal. */
export interface ProtectedLogger {
  readonly logger: Logger;
  /** Fields of these names are personal as well. */
  hide(names: Iterable<string>): void;
  /** A text as it would be printed. */
  inText(text: string): string;
}

// The same in every copy of pino.
const hooksKey = Symbol.for('pino.hooks');
const formattersKey = Symbol.for('pino.formatters');
const serializersKey = Symbol.for('pino.serializers');

interface Parts {
  [hooksKey]?: { readonly streamWrite?: (line: string) => string };
  readonly [formattersKey]?: { readonly log?: (facts: Facts) => Facts };
  readonly [serializersKey]?: Serializers;
}

/**
 * A child of a pino logger, one's own or somebody's, that takes out of facts, texts and bindings what is not to be
 * printed, and names the operation that a line is written in. What the parent was bound to before is only searched for texts.
 */
export function protectLogger(parent: Logger): ProtectedLogger {
  const personal = new Set<string>();
  const facts = factsRedaction(personal);
  let text = textRedaction(personal);
  const parts = parent as Parts;
  const { log = (given: Facts) => given } = parts[formattersKey] ?? {};
  const { streamWrite = (line: string) => line } = parts[hooksKey] ?? {};
  // A line is made of its facts and written in one go, so this is of the line that is written next.
  let found = new Set<string>();

  const shown = (given: Facts, serializers: Serializers) => {
    try {
      for (const value of Object.values(given)) {
        for (let one = value; one instanceof Error; one = one.cause) {
          const event = notedEvent(one);
          if (event !== undefined) facts.collect(event, found);
        }
      }
    } catch {
      // A getter of somebody's: the facts say that they cannot be read.
    }
    return facts.facts(given, serializers, found);
  };

  const serializers = parts[serializersKey] ?? {};
  const logger = parent.child(
    {},
    {
      serializers: unchanged(serializers),
      formatters: { log: (given) => shown(log(given as Facts), serializers) },
    },
  );
  (logger as Parts)[hooksKey] = {
    ...parts[hooksKey],
    streamWrite(line) {
      const values = found;
      found = new Set();
      return streamWrite(inOperation(searched(line, text, values)));
    },
  };
  protectBindings(logger, (given, more) => {
    const values = new Set<string>();
    const bindings = facts.facts(given, { ...serializers, ...more }, values);
    return values.size === 0 ? bindings : JSON.parse(searched(JSON.stringify(bindings), text, values));
  });
  return {
    logger,
    hide(names) {
      for (const name of names) personal.add(name);
      text = textRedaction(personal);
    },
    inText: (said) => text(said),
  };
}

/** Binds a line to the operation that it is written in, where no logger has done so. */
function inOperation(line: string): string {
  const { correlationId = '' } = currentTrace();
  const isBound = !correlationId.startsWith('op_') || line.includes('"operationId":');
  if (isBound || !line.endsWith('}\n')) return line;
  return `${line.slice(0, -2)},"operationId":${JSON.stringify(correlationId)}}\n`;
}

/** Facts come to them as they are printed. */
function unchanged(serializers: Serializers) {
  const same = (value: unknown) => value;
  return Object.fromEntries([...Object.keys(serializers), 'err'].map((name) => [name, same]));
}

/** Children inherit these methods, so that their children are protected as well. */
function protectBindings(logger: Logger, shown: (given: Facts, serializers?: Serializers) => Facts): void {
  const { setBindings } = logger;
  // Of any levels.
  const child = logger.child as unknown as (
    this: Logger,
    given: Facts,
    options?: ChildLoggerOptions,
  ) => Logger;
  Object.assign(logger, {
    child(this: Logger, bindings: Bindings, options?: ChildLoggerOptions) {
      if (options === undefined) return child.call(this, shown(bindings));
      const { serializers: own, formatters, ...rest } = options;
      const { log } = (this as Parts)[formattersKey] ?? {};
      return child.call(this, shown(bindings, own), {
        ...rest,
        formatters: {
          ...formatters,
          log: (given) => {
            const made = (formatters?.log?.(given) ?? given) as Facts;
            return log?.(applied(made, own)) ?? made;
          },
        },
      });
    },
    setBindings(this: Logger, bindings: Bindings) {
      setBindings.call(this, shown(bindings));
    },
  });
}

function applied(given: Facts, serializers: Serializers | undefined): Facts {
  if (serializers === undefined) return given;
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, serializers[name]?.(value) ?? value]),
  );
}

const literal = /"[^"\\]*(?:\\.[^"\\]*)*"(:?)/g;

/** Searches the texts of a line, not the names of its fields, each as it was before it became JSON. */
function searched(line: string, text: TextRedaction, values: ReadonlySet<string>): string {
  const known = [...values].sort((a, b) => b.length - a.length);
  const inLine = known.filter((value) => line.includes(JSON.stringify(value).slice(1, -1)));
  if (inLine.length === 0 && !text.suspects(line)) return line;
  return line.replace(literal, (json: string, isName: string) => {
    if (isName !== '') return json;
    const said = JSON.parse(json) as string;
    const shown = inLine.reduce((so, value) => so.replaceAll(value, redacted), text(said));
    return shown === said ? json : JSON.stringify(shown);
  });
}
