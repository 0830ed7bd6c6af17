import { encodeToken, InvalidSubjectTokenError, type JsonValue } from '@pipit/types-registry';
import { longestDelay } from '../longest-delay.ts';
import { InvalidOperationError } from '../operation-errors.ts';
import type {
  JsonInput,
  OperationKind,
  OperationOptions,
  OperationQuery,
  OperationState,
} from '../operations.ts';
import { toJson } from './json-input.ts';
import { isOperationId } from './operation-id.ts';

const kinds: readonly OperationKind[] = ['command', 'webhook', 'schedule', 'external'];
const states: readonly OperationState[] = ['running', 'succeeded', 'failed'];
const defaultTimeout = 5_000;

export interface CheckedOperation {
  readonly kind: OperationKind;
  readonly name: string;
  /** Copies, so that a later change does not reach the record. */
  readonly input: JsonValue | undefined;
  readonly user: JsonValue | undefined;
  readonly timeout: number;
  readonly unrecorded: 'refuse' | 'run';
}

/** @throws InvalidOperationError */
export function checkOperation(options: OperationOptions, maxInputBytes: number): CheckedOperation {
  const { kind, name, timeout = defaultTimeout, unrecorded = 'refuse' } = options;
  checkKind(kind);
  checkName(name);
  checkRange('timeout', timeout, 'milliseconds', longestDelay);
  if (unrecorded !== 'refuse' && unrecorded !== 'run')
    throw new InvalidOperationError('unrecorded', `must be refuse or run, not ${JSON.stringify(unrecorded)}`);
  const input = jsonOf('input', options.input);
  const user = jsonOf('user', options.user);
  const size = Buffer.byteLength(input ?? '') + Buffer.byteLength(user ?? '');
  if (size > maxInputBytes) {
    const advice = 'Store the large part elsewhere and give a reference to it, or raise maxInputBytes';
    const what = user === undefined ? 'takes' : 'and user take';
    throw new InvalidOperationError(
      'input',
      `${what} ${size} bytes as JSON, the limit is ${maxInputBytes}. ${advice}`,
    );
  }
  return { kind, name, input: parse(input), user: parse(user), timeout, unrecorded };
}

/** @throws InvalidOperationError */
export function checkQuery({ kind, name, state, from, to, limit }: OperationQuery): void {
  if (kind !== undefined) checkKind(kind);
  if (name !== undefined) checkName(name);
  if (state !== undefined && !states.includes(state))
    throw new InvalidOperationError(
      'state',
      `must be one of ${states.join(', ')}, not ${JSON.stringify(state)}`,
    );
  for (const [option, time] of Object.entries({ from, to })) {
    if (time !== undefined && !(time instanceof Date && Number.isFinite(time.getTime())))
      throw new InvalidOperationError(option, `is not a valid Date: ${String(time)}`);
  }
  if (limit !== undefined) checkRange('limit', limit, 'operations');
}

/** @throws InvalidOperationError */
export function checkId(id: string): void {
  if (isOperationId(id)) return;
  throw new InvalidOperationError('id', `${JSON.stringify(id)} is not one: they are op_ and a UUIDv7`);
}

/** @throws InvalidOperationError */
export function checkRange(
  option: string,
  value: number,
  unit: string,
  most: number = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new InvalidOperationError(
    option,
    `must be a whole number of ${unit} from 1 to ${most}, not ${value}`,
  );
}

function checkKind(kind: string): void {
  if (kinds.includes(kind as OperationKind)) return;
  throw new InvalidOperationError('kind', `must be one of ${kinds.join(', ')}, not ${JSON.stringify(kind)}`);
}

function checkName(name: string): void {
  try {
    encodeToken('operation name', name);
  } catch (cause) {
    if (!(cause instanceof InvalidSubjectTokenError)) throw cause;
    throw new InvalidOperationError('name', `cannot be used: ${cause.message}`, cause);
  }
}

function jsonOf(option: string, value: JsonInput): string | undefined {
  try {
    return toJson(value);
  } catch (cause) {
    throw new InvalidOperationError(option, `cannot be kept: ${String(cause)}`, cause);
  }
}

function parse(text: string | undefined): JsonValue | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as JsonValue);
}
