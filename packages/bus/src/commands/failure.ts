import { type JsonValue, PipitError } from '@pipit/types-registry';
import type { RemoteFailure } from '../command-errors.ts';

/** Characters. What is over them is left out, so that an error never fails for its size. */
const longestMessage = 4_000;
const longestFacts = 32_000;

const notFacts: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause', 'code']);

/**
 * What another process is told of an error: no stack, no cause, and of its fields what JSON can carry; of an error that
 * is not Pipit's only texts, numbers and booleans, because libraries keep whole requests with their secrets in objects.
 * Never throws.
 */
export function failureOf(error: Error): RemoteFailure {
  const name = text(() => error.name) ?? 'Error';
  const code = text(() => {
    const value = (error as { readonly code?: unknown }).code;
    // A number that is not the error's own is the one that every DOMException has.
    return typeof value === 'string' || Object.hasOwn(error, 'code') ? value : undefined;
  });
  const message = text(() => error.message) ?? '';
  return { name, ...(code !== undefined && { code }), message, facts: factsOf(error) };
}

/** @returns undefined for what nobody can have written as a failure */
export function readFailure(value: unknown): RemoteFailure | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { name, code, message, facts } = value as Partial<Record<keyof RemoteFailure, unknown>>;
  if (typeof name !== 'string' || typeof message !== 'string') return undefined;
  if (typeof facts !== 'object' || facts === null) return undefined;
  return { name, ...(typeof code === 'string' && { code }), message, facts: facts as RemoteFailure['facts'] };
}

function text(read: () => unknown): string | undefined {
  try {
    const value = read();
    if (typeof value === 'string') return value.slice(0, longestMessage).toWellFormed();
    return typeof value === 'number' ? String(value) : undefined;
  } catch {
    // A getter that throws is a field that is not there.
    return undefined;
  }
}

function factsOf(error: Error): Readonly<Record<string, JsonValue>> {
  const facts: [string, JsonValue][] = [];
  let room = longestFacts;
  for (const field of fieldsOf(error)) {
    const json = jsonOf(error, field);
    if (json === undefined || json.length + field.length > room) continue;
    room -= json.length + field.length;
    facts.push([field, JSON.parse(json) as JsonValue]);
  }
  return Object.fromEntries(facts);
}

function fieldsOf(error: Error): readonly string[] {
  try {
    return Object.keys(error).filter((field) => !notFacts.has(field));
  } catch {
    return [];
  }
}

function jsonOf(error: Error, field: string): string | undefined {
  try {
    const value = (error as unknown as Record<string, unknown>)[field];
    const isSafe = error instanceof PipitError || value === null || typeof value !== 'object';
    return isSafe ? JSON.stringify(value) : undefined;
  } catch {
    // What JSON cannot carry is of no use to the other side.
    return undefined;
  }
}
