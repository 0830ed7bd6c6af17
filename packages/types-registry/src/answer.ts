import { builtInCodecs, mediaType } from './codec.ts';
import type { CommandDefinition, QueryDefinition } from './define-message.ts';
import type { Definition } from './definition.ts';
import { decodePayload, type EncodedPayload, encodePayload } from './payload.ts';
import { PipitError } from './pipit-error.ts';
import {
  InvalidPayloadError,
  MalformedBytesError,
  type PayloadIssue,
  UnknownCodecError,
  type ValidationPhase,
} from './registry-errors.ts';

type Answering = CommandDefinition | QueryDefinition;

/** The answer to a command or query does not fit its `result` schema; `issues` says where and why. */
export class InvalidAnswerError extends PipitError {
  readonly code = 'INVALID_ANSWER';
  readonly kind: 'command' | 'query';
  readonly type: string;
  /** `read` at who asked; the others at who answered. */
  readonly phase: ValidationPhase;
  readonly issues: readonly PayloadIssue[];

  constructor(
    { kind, type }: Pick<Answering, 'kind' | 'type'>,
    phase: ValidationPhase,
    issues: readonly PayloadIssue[],
    cause?: unknown,
  ) {
    const list = issues.map(
      ({ path, message }) => `${path.length === 0 ? '(answer)' : path.join('.')}: ${message}`,
    );
    super(
      `The answer to ${kind} ${type} does not fit its result schema: ${list.join('; ')}. It has been handled. ` +
        'Bring handler and schema in line, or both sides to the same release.',
      { cause },
    );
    this.kind = kind as 'command' | 'query';
    this.type = type;
    this.phase = phase;
    this.issues = issues;
  }
}

/**
 * Validates and encodes what a handler answers, in the codec of its definition, and proves that it can be read again.
 * `undefined` stands for the answer `undefined`, which also a command without `result` answers, whatever is given.
 *
 * @throws InvalidAnswerError, AsyncSchemaError
 */
export function encodeAnswer(definition: Answering, answer: unknown): EncodedPayload | undefined {
  const { result } = definition;
  if (result === undefined) return undefined;
  const form = formOf(definition, result);
  try {
    if (answer !== undefined) return encodePayload(form, answer);
    decodePayload(form, nothing, noBytes);
    return undefined;
  } catch (error) {
    throw asAnswerError(definition, answer === undefined ? 'write' : undefined, error);
  }
}

/**
 * The answer as whoever asked gets it.
 *
 * @throws InvalidAnswerError, AsyncSchemaError
 */
export function decodeAnswer(definition: Answering, payload: EncodedPayload | undefined): unknown {
  const { result } = definition;
  if (result === undefined) return undefined;
  const form = formOf(definition, result);
  try {
    if (payload === undefined) return decodePayload(form, nothing, noBytes);
    return decodePayload(form, codecOf(definition, payload.contentType), payload);
  } catch (error) {
    throw asAnswerError(definition, 'read', error);
  }
}

const noBytes: EncodedPayload = { contentType: '', schemaVersion: 1, bytes: new Uint8Array(0) };
/** Codecs have no form for `undefined`, but a schema may take it. */
const nothing = {
  name: 'nothing',
  contentType: '',
  encode: () => noBytes.bytes,
  decode: () => undefined,
};

const forms = new WeakMap<Answering, Definition>();

/** An answer is encoded as payloads are: by a definition with the schema of the answer. */
function formOf(definition: Answering, schema: NonNullable<Answering['result']>): Definition {
  const known = forms.get(definition);
  if (known !== undefined) return known;
  const { kind, type, codec } = definition;
  const form: Definition = {
    kind,
    type,
    codec,
    schema,
    schemaVersion: 1,
    versions: [{ version: 1, schema }],
  };
  forms.set(definition, form);
  return form;
}

function codecOf({ codec }: Answering, contentType: string) {
  if (contentType === codec.contentType) return codec;
  const codecs = [codec, ...builtInCodecs];
  const found = codecs.find((candidate) => mediaType(candidate.contentType) === mediaType(contentType));
  if (found !== undefined) return found;
  throw new UnknownCodecError(
    contentType,
    codecs.map((candidate) => candidate.contentType),
  );
}

function asAnswerError(definition: Answering, phase: ValidationPhase | undefined, error: unknown): unknown {
  if (error instanceof InvalidPayloadError) {
    return new InvalidAnswerError(definition, phase ?? error.phase, error.issues, error.cause);
  }
  if (error instanceof MalformedBytesError || error instanceof UnknownCodecError) {
    return new InvalidAnswerError(definition, 'read', [{ path: [], message: error.message }], error);
  }
  return error;
}
