import type { StandardSchemaV1 } from '@standard-schema/spec';
import { PipitError } from './pipit-error.ts';

/** What a registry holds. */
export type DefinitionKind = 'event' | 'command' | 'query' | 'state';

/** One thing a schema found wrong; `path` leads to the field, outermost key first. */
export interface PayloadIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** The registry cannot be built: two definitions share a name, or a chain of versions has a gap or turns back. */
export class InvalidRegistryError extends PipitError {
  readonly code = 'INVALID_REGISTRY';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The registry cannot be built:\n${problems.map((problem) => `- ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** A name that no definition of this kind has. */
export class UnknownTypeError extends PipitError {
  readonly code: string = 'UNKNOWN_TYPE';
  readonly kind: DefinitionKind;
  readonly type: string;
  readonly known: readonly string[];

  constructor(kind: DefinitionKind, type: string, known: readonly string[]) {
    const names = known.length === 0 ? 'none' : known.slice(0, 20).join(', ');
    super(
      `No ${kind} is named ${JSON.stringify(type)}. Add its definition to the registry; known are: ${names}.`,
    );
    this.kind = kind;
    this.type = type;
    this.known = known;
  }
}

/** An event whose type is in no definition of the registry. */
export class UnknownEventTypeError extends UnknownTypeError {
  override readonly code = 'UNKNOWN_EVENT_TYPE';

  constructor(type: string, known: readonly string[]) {
    super('event', type, known);
  }
}

/** When a payload was checked: on its way in, on its way out, or right after encoding, to prove it can be read. */
export type ValidationPhase = 'write' | 'read' | 'read-back';

const phaseText: Record<ValidationPhase, string> = {
  write: 'does not fit its schema, so nothing was written',
  read: 'does not fit its schema',
  'read-back': 'would be refused or changed when it is read again, so nothing was written',
};

/** The payload does not fit the schema; `issues` says where and why. */
export class InvalidPayloadError extends PipitError {
  readonly code = 'INVALID_PAYLOAD';
  readonly kind: DefinitionKind;
  readonly type: string;
  readonly schemaVersion: number;
  readonly phase: ValidationPhase;
  readonly issues: readonly PayloadIssue[];

  constructor(facts: {
    readonly kind: DefinitionKind;
    readonly type: string;
    readonly schemaVersion: number;
    readonly phase: ValidationPhase;
    readonly issues: readonly PayloadIssue[];
    readonly cause?: unknown;
  }) {
    const list = facts.issues.map(
      ({ path, message }) => `${path.length === 0 ? '(payload)' : path.join('.')}: ${message}`,
    );
    super(
      `The payload of ${facts.kind} ${facts.type} (schema version ${facts.schemaVersion}) ${phaseText[facts.phase]}: ${list.join('; ')}`,
      { cause: facts.cause },
    );
    this.kind = facts.kind;
    this.type = facts.type;
    this.schemaVersion = facts.schemaVersion;
    this.phase = facts.phase;
    this.issues = facts.issues;
  }
}

/** The bytes are not what their codec writes. */
export class MalformedBytesError extends PipitError {
  readonly code = 'MALFORMED_BYTES';
  readonly codec: string;
  readonly size: number;

  constructor(codec: string, size: number, cause: unknown) {
    super(`${size} bytes are not valid ${codec}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
    this.codec = codec;
    this.size = size;
  }
}

/** A content type for which the registry has no codec. */
export class UnknownCodecError extends PipitError {
  readonly code = 'UNKNOWN_CODEC';
  readonly contentType: string;

  constructor(contentType: string, known: readonly string[]) {
    super(
      `No codec reads ${JSON.stringify(contentType)}. Pass it to defineRegistry({ codecs }); known are: ${known.join(', ')}.`,
    );
    this.contentType = contentType;
  }
}

/** A payload of a schema version that this process does not know: usually written by a newer release. */
export class UnknownSchemaVersionError extends PipitError {
  readonly code = 'UNKNOWN_SCHEMA_VERSION';
  readonly type: string;
  readonly schemaVersion: number;
  readonly known: readonly number[];

  constructor(type: string, schemaVersion: number, known: readonly number[]) {
    super(
      `${type} has no schema version ${schemaVersion}; this process knows ${known.join(', ')}. ` +
        'Deploy the release that defines it, or restore the version that was removed.',
    );
    this.type = type;
    this.schemaVersion = schemaVersion;
    this.known = known;
  }
}

/** An upcaster threw. */
export class UpcastError extends PipitError {
  readonly code = 'UPCAST_FAILED';
  readonly type: string;
  readonly from: number;
  readonly to: number;

  constructor(type: string, from: number, to: number, cause: unknown) {
    super(`The upcaster of ${type} from version ${from} to ${to} threw: ${String(cause)}`, { cause });
    this.type = type;
    this.from = from;
    this.to = to;
  }
}

/** A schema answered with a promise. Payloads are checked where they are read, which cannot wait. */
export class AsyncSchemaError extends PipitError {
  readonly code = 'ASYNC_SCHEMA';
  readonly vendor: string;

  constructor(schema: StandardSchemaV1, what = 'a definition') {
    const { vendor } = schema['~standard'];
    super(
      `The ${vendor} schema of ${what} answered with a promise. Either it validates asynchronously: use one without async ` +
        'refinements or transforms, and check what needs I/O before the event is made. Or a transform or refinement in it ' +
        'threw, which zod answers with a promise as well: report an issue instead of throwing.',
    );
    this.vendor = vendor;
  }
}
