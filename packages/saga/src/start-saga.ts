import { isDeepStrictEqual } from 'node:util';
import { encodeToken } from '@pipit/types-registry';
import type { Saga } from './define-saga.ts';
import { jsonCopy } from './json-copy.ts';
import type { SagaRepository } from './repository.ts';
import { EffectFailedError, InvalidInputError, SagaExistsError, SagaMovedError } from './saga-errors.ts';
import { noSaga } from './saga-state.ts';
import type { StartedSaga } from './sagas.ts';
import { formOf } from './step.ts';
import { errorOf } from './thrown.ts';

/** @throws InvalidInputError, SagaExistsError, InvalidSubjectTokenError; what the repository throws */
export async function startSaga(
  repository: SagaRepository,
  saga: Saga,
  id: string,
  given: unknown,
): Promise<StartedSaga> {
  const { name, version } = saga;
  encodeToken('saga id', id);
  const input = keptInput(saga, given);
  const steps = saga.steps.map((step) => step.name);
  const change = {
    kind: 'started',
    version,
    steps,
    forms: saga.steps.map(formOf),
    ...(input !== undefined && { input }),
    status: 'running',
  } as const;
  try {
    const { position } = await repository.append(saga, id, { state: noSaga, revision: 0 }, [change]);
    return { name, id, isNew: true, position };
  } catch (error) {
    if (error instanceof EffectFailedError) throw error.cause;
    if (!(error instanceof SagaMovedError)) throw error;
    const { state } = await repository.load(saga, id, 1);
    if (!isDeepStrictEqual(state.input, input)) throw new SagaExistsError({ name, id });
    return { name, id, isNew: false, position: undefined };
  }
}

function parse(saga: string, schema: Saga['input'], input: unknown) {
  try {
    return schema.safeParse(input);
  } catch (error) {
    throw new InvalidInputError(saga, `cannot be checked: ${errorOf(error).message}`, error);
  }
}

/** As its schema makes it, and as it will be read again. @throws InvalidInputError */
function keptInput({ name, input: schema }: Saga, input: unknown): unknown {
  const parsed = parse(name, schema, input);
  if (!parsed.success)
    throw new InvalidInputError(name, `does not fit: ${parsed.error.message}`, parsed.error);
  const { copy, lost } = jsonCopy(parsed.data);
  if (lost === undefined) return copy;
  throw new InvalidInputError(name, `cannot be kept as JSON: ${lost}`);
}
