import {
  type Catalog,
  type Definition,
  defineRegistry,
  type EncodedPayload,
  encodeToken,
} from '@pipit/types-registry';
import { InvalidCommandOptionError } from '../command-errors.ts';
import type { Request } from '../commands.ts';
import type { Address } from './transport.ts';

/** A definition, and what is worked out of it once. */
export interface Form extends Address {
  readonly definition: Request;
  /** For messages: `Command rename`. */
  readonly name: string;
  /** @throws InvalidPayloadError, AsyncSchemaError */
  encode(data: unknown): EncodedPayload;
  /** @throws InvalidPayloadError, MalformedBytesError, UnknownCodecError, AsyncSchemaError */
  decode(payload: EncodedPayload): unknown;
}

const forms = new WeakMap<Request, Form>();

/** @throws InvalidCommandOptionError, InvalidRegistryError */
export function formOf(definition: Request): Form {
  const known = forms.get(definition);
  if (known !== undefined) return known;
  const { kind, type } = requireRequest(definition);
  const catalog = catalogOf(definition);
  const form: Form = {
    definition,
    kind,
    type,
    key: `${kind}.${encodeToken(`${kind} name`, type)}`,
    name: `${kind === 'command' ? 'Command' : 'Query'} ${type}`,
    encode: (data) => catalog.encode(type, data),
    decode: (payload) => catalog.decode(type, payload),
  };
  forms.set(definition, form);
  return form;
}

function catalogOf(definition: Request): Catalog<Definition> {
  return definition.kind === 'command'
    ? defineRegistry({ commands: [definition] }).commands
    : defineRegistry({ queries: [definition as never] }).queries;
}

function requireRequest(definition: Request): Request {
  const { kind } = (definition ?? {}) as Partial<Request>;
  if (kind === 'command' || kind === 'query') return definition;
  throw new InvalidCommandOptionError('definition', 'is neither: make one with defineCommand or defineQuery');
}
