import { stdSerializers } from 'pino';
import { redacted } from './text-redaction.ts';

const secretNames = new Set([
  ...['pass', 'pwd', 'auth', 'authorization', 'proxyauthorization', 'cookie', 'cookies', 'setcookie'],
  ...['seed', 'nkey', 'creds', 'jwt'],
]);
const secretEnd =
  /(?:password(?:s|hash)?|passwd|passphrase|secrets?|token|(?:api|private|secret|access|signing|encryption)key|credentials?)$/;
/** `dbPass`, `DB_PASS`, and no `bypass`. */
const passEnd = /(?:[a-z](?:Pass|Pwd)|[-_](?:pass|pwd|PASS|PWD))$/;

/** Below these, fields are those of events, commands, rows: what their schemas call personal is not printed. */
const payloadNames = new Set([
  ...['data', 'payload', 'input', 'output', 'body', 'state', 'event', 'events', 'row', 'rows', 'command'],
  ...['query', 'params', 'result', 'results', 'changes', 'user'],
]);
/** Names that Pipit's own lines and errors have. A personal field with one of them is known in payloads only. */
const ownNames = new Set([
  ...[
    'name',
    'id',
    'type',
    'store',
    'group',
    'position',
    'revision',
    'state',
    'status',
    'time',
    'at',
    'code',
  ],
  ...['message', 'stack', 'reason', 'err', 'key', 'keys', 'kind', 'operation', 'aggregate', 'event', 'count'],
  ...[
    'saga',
    'step',
    'projection',
    'version',
    'part',
    'server',
    'stream',
    'service',
    'path',
    'issues',
    'cause',
  ],
]);

const deepest = 8;
const mostItems = 100;
const mostValues = 1_000;

export type Facts = Readonly<Record<string, unknown>>;

export interface FactsRedaction {
  /** A copy without what is not to be printed, and with errors as they are printed. Never throws. */
  facts(facts: Facts, serializers?: Serializers, found?: Set<string>): Facts;
  /** Adds the values of personal fields in a payload. */
  collect(payload: unknown, found: Set<string>): void;
}

export type Serializers = Readonly<Record<string, ((value: unknown) => unknown) | undefined>>;

/** Takes secrets and personal fields out of the facts of a line, as deep as they are printed. */
export function factsRedaction(personal: ReadonlySet<string>): FactsRedaction {
  function walker(found: Set<string> | undefined) {
    let left = mostValues;
    const above = new Set<object>();

    function hide(value: unknown): string {
      if (found !== undefined) collectTexts(value, found, 0);
      return redacted;
    }

    function field(name: string, value: unknown, inPayload: boolean): unknown {
      if (value === undefined || value === null) return value;
      if (isSecret(name)) return hide(value);
      if (personal.has(name) && (inPayload || !ownNames.has(name))) return hide(value);
      return walk(value, inPayload || payloadNames.has(name));
    }

    function walk(value: unknown, inPayload: boolean): unknown {
      if (typeof value === 'bigint') return String(value);
      if (typeof value !== 'object' || value === null) return value;
      if (above.has(value)) return '[Circular]';
      if (above.size >= deepest || left <= 0) return '[…]';
      left -= 1;
      above.add(value);
      try {
        return walkObject(value, inPayload);
      } catch (error) {
        // A getter or `toJSON` of somebody's: a line is worth more than one of its fields.
        return `[cannot be read: ${error instanceof Error ? error.name : typeof error}]`;
      } finally {
        above.delete(value);
      }
    }

    function walkObject(value: object, inPayload: boolean): unknown {
      if (value instanceof Error) return walkError(value, inPayload);
      if (value instanceof Date) return value;
      if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
      if ('toJSON' in value && typeof value.toJSON === 'function') return walk(value.toJSON(), inPayload);
      if (Array.isArray(value)) return list(value, inPayload);
      if (value instanceof Set) return list([...value], inPayload);
      const entries =
        value instanceof Map
          ? [...value].map(([key, one]) => [String(key), one] as const)
          : Object.entries(value);
      return fields(isIssueOf(value) ? entries.map(hideInIssue) : entries, inPayload);
    }

    function list(values: readonly unknown[], inPayload: boolean): unknown[] {
      const shown = values.slice(0, mostItems).map((one) => walk(one, inPayload));
      return values.length > mostItems ? [...shown, `[${values.length - mostItems} more]`] : shown;
    }

    function fields(entries: readonly (readonly [string, unknown])[], inPayload: boolean): Facts {
      const copy: Record<string, unknown> = {};
      for (const [name, value] of entries) put(copy, name, field(name, value, inPayload));
      return copy;
    }

    /** As pino prints it, causes in message and stack. What they hold is looked at as well, for it may be in their texts. */
    function walkError(error: Error, inPayload: boolean): unknown {
      const { raw: _, ...shown } = stdSerializers.err(error);
      if (found !== undefined && error.cause !== undefined) walk(error.cause, inPayload);
      return fields(Object.entries(shown), inPayload);
    }

    /** What a schema has found wrong with a field: some libraries repeat the value. */
    function isIssueOf(value: object): boolean {
      if (!('path' in value && Array.isArray(value.path))) return false;
      return value.path.some((part) => {
        const name = String(typeof part === 'object' && part !== null && 'key' in part ? part.key : part);
        return personal.has(name) || isSecret(name);
      });
    }

    function hideInIssue([name, value]: readonly [string, unknown]): readonly [string, unknown] {
      return name === 'path' || name === 'code' ? [name, value] : [name, hide(value)];
    }

    return { field, walk };
  }

  return {
    facts(facts, serializers = {}, found) {
      const { field, walk } = walker(found);
      const copy: Record<string, unknown> = {};
      for (const [name, value] of entriesOf(facts)) {
        const serialize = serializers[name];
        const shown = field(name, value, false);
        // Pino's own prints an error as it is printed here.
        const isOwn = serialize !== undefined && serialize !== stdSerializers.err && shown !== redacted;
        put(copy, name, isOwn ? walk(serialized(serialize, value), payloadNames.has(name)) : shown);
      }
      return copy;
    },
    collect(payload, found) {
      walker(found).walk(payload, true);
    },
  };
}

function isSecret(name: string): boolean {
  if (name.length > 60) return false;
  const plain = name.replace(/[-_]/g, '').toLowerCase();
  return secretNames.has(plain) || secretEnd.test(plain) || passEnd.test(name);
}

/** Every text of a value that is not printed, since a message may repeat it. Shorter ones are in too many words. */
function collectTexts(value: unknown, found: Set<string>, depth: number): void {
  if (typeof value === 'string' && value.length >= 3) found.add(value);
  else if (typeof value === 'number' && Math.abs(value) >= 10_000) found.add(String(value));
  else if (typeof value === 'object' && value !== null && depth < deepest) {
    for (const one of Object.values(value)) collectTexts(one, found, depth + 1);
  }
}

/** Also a field called `__proto__`. */
function put(copy: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(copy, name, { value, enumerable: true });
  else copy[name] = value;
}

function entriesOf(facts: Facts): readonly (readonly [string, unknown])[] {
  try {
    return Object.entries(facts);
  } catch (error) {
    return [['unreadable', error instanceof Error ? error.name : typeof error]];
  }
}

function serialized(serialize: (value: unknown) => unknown, value: unknown): unknown {
  try {
    return serialize(value);
  } catch (error) {
    return `[cannot be read: ${error instanceof Error ? error.name : typeof error}]`;
  }
}
