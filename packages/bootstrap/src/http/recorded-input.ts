import type { JsonInput } from '@pipit/bus';
import type { JsonValue } from '@pipit/types-registry';

/** What an operation keeps, in bytes of JSON and levels of nesting. */
const longestInput = 65_536;
const deepestBody = 20;

/** What is kept of a write: its body alone where its path has no parameters. A body that is too much is named instead. */
export function recordedInput(params: Readonly<Record<string, string>>, body: unknown): JsonInput {
  const input =
    Object.keys(params).length === 0 ? asJson : (sent: JsonValue | undefined) => ({ ...params, body: sent });
  if (body === undefined) return input(undefined);
  if (isDeeper(body, deepestBody)) return input({ omitted: `more than ${deepestBody} levels` });
  const text = JSON.stringify(body);
  // Read again: a number too large for JavaScript is null in JSON.
  const whole = input(JSON.parse(text) as JsonValue);
  return sizeOf(JSON.stringify(whole)) > longestInput ? input({ omitted: `${sizeOf(text)} bytes` }) : whole;
}

const asJson = (sent: JsonValue | undefined): JsonInput => sent;
const sizeOf = (text: string | undefined) => (text === undefined ? 0 : Buffer.byteLength(text));

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
