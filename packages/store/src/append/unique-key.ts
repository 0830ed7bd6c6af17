import { createHash } from 'node:crypto';
import {
  type AggregateRef,
  defineEvent,
  defineRegistry,
  encodeToken,
  type NewEvent,
  type StoredMessage,
} from '@pipit/types-registry';
import { InvalidArgumentError } from '../invalid-argument.ts';

/** A value that only one aggregate of a store may hold, such as an email address. */
export interface UniqueKey {
  /** What kind of value it is; keys of different names never meet. */
  readonly name: string;
  /** Compared byte by byte: bring it into one form first (lower case, Unicode normal form). */
  readonly value: string;
}

/** Taking or giving up a key, as part of an append. */
export interface KeyChange extends UniqueKey {
  readonly kind: 'key-change';
  readonly action: 'reserve' | 'release';
}

/**
 * Put beside the events of an append or of a decision: the events are stored only if nobody else holds the key, and
 * from then on their aggregate does. Reserving what the aggregate holds already keeps it.
 *
 * The stream keeps the SHA-256 of the value, not the value itself; whoever knows possible values can try them out.
 */
export function reserve(name: string, value: string): KeyChange {
  return keyChange('reserve', name, value);
}

/** Gives a key up together with the events beside it. Releasing what nobody holds changes nothing. */
export function release(name: string, value: string): KeyChange {
  return keyChange('release', name, value);
}

function keyChange(action: KeyChange['action'], name: string, value: string): KeyChange {
  return { kind: 'key-change', action, ...uniqueKey(name, value) };
}

/** @throws InvalidArgumentError for what is no key */
export function uniqueKey(name: string, value: string): UniqueKey {
  if (typeof name !== 'string' || name === '') throw new InvalidArgumentError('key name', 'is empty');
  if (!isToken(keyTypePrefix + name)) {
    const shown = name.length > 64 ? `${JSON.stringify(name.slice(0, 64))}…` : JSON.stringify(name);
    const reason = `${shown} (${name.length} characters) is no text, or over 119 bytes long as a part of a subject`;
    throw new InvalidArgumentError('key name', reason);
  }
  if (typeof value !== 'string' || !value.isWellFormed()) {
    throw new InvalidArgumentError(`key ${name}`, 'has a value that is no well-formed text');
  }
  return { name, value };
}

function isToken(text: string): boolean {
  try {
    return encodeToken('key name', text) !== '';
  } catch {
    return false;
  }
}

export function isKeyChange(item: NewEvent | KeyChange): item is KeyChange {
  return 'kind' in item && item.kind === 'key-change';
}

/** Types of aggregates that begin like this are the store's own: each key is an aggregate of one. */
const keyTypePrefix = 'unique:';

export function isKeyType(aggregateType: string): boolean {
  return aggregateType.startsWith(keyTypePrefix);
}

export function keyRef({ name, value }: UniqueKey): AggregateRef {
  return { type: keyTypePrefix + name, id: createHash('sha256').update(value).digest('base64url') };
}

interface KeyOwner {
  readonly type: string;
  readonly id: string;
}

const ownerSchema = {
  '~standard': {
    version: 1 as const,
    vendor: 'pipit',
    validate(value: unknown) {
      const { type, id } = (value ?? {}) as Partial<KeyOwner>;
      if (typeof type === 'string' && typeof id === 'string') return { value: { type, id } };
      return { issues: [{ message: 'names no aggregate that owns the key' }] };
    },
    types: undefined as unknown as { readonly input: KeyOwner; readonly output: KeyOwner },
  },
};

export const KeyReserved = defineEvent('key-reserved', ownerSchema);
export const KeyReleased = defineEvent('key-released', ownerSchema);
export const keyEvents = defineRegistry({ events: [KeyReserved, KeyReleased] }).events;

/** Messages that hold no event of a user's aggregate. A subject that cannot be read is reported where it is decoded. */
export function isKeyMessage(message: StoredMessage): boolean {
  const type = message.header('ce-type');
  return (type === 'key-reserved' || type === 'key-released') && isKeyType(message.aggregate.type);
}
