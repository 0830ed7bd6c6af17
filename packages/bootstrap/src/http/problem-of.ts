import { RemoteError } from '@pipit/bus';
import { PipitError } from '@pipit/types-registry';
import { natsRefusal } from './nats-refusal.ts';
import { meanings, type Situation } from './pipit-refusals.ts';
import { createProblem, type Problem, ProblemError, type Refusal } from './problem.ts';

/** Tells what an error of your own means to callers; `undefined` where it is none of yours. */
export type ProblemMapper = (error: unknown) => Refusal | undefined;

/** Of a command that was handled elsewhere, these say nothing of what the caller has sent. */
const ofHandlers = new Set(['INVALID_PAYLOAD', 'INVALID_QUERY', 'PAYLOAD_TOO_LARGE']);

/**
 * What an error means to the caller. Only what he can act on is told; the rest is a 500 without details. Yours come first,
 * then errors that say it themselves, then Pipit's and those of the NATS client.
 */
export function problemOf(
  error: unknown,
  situation: Situation,
  ...mappers: readonly ProblemMapper[]
): Problem {
  const { operation } = situation;
  for (const mapper of mappers) {
    const refusal = mapper(error);
    if (refusal !== undefined) return createProblem(refusal, operation);
  }
  if (error instanceof ProblemError) {
    const { status, code, message: detail, errors } = error;
    return createProblem({ status, code, detail, errors }, operation);
  }
  const refusal = error instanceof PipitError ? refusalOf(error, situation) : natsRefusal(error, situation);
  return createProblem(refusal ?? internal, operation);
}

export const internal: Refusal = {
  status: 500,
  code: 'INTERNAL',
  detail: 'Something went wrong here. It has been logged.',
};

function refusalOf(error: PipitError, situation: Situation): Refusal | undefined {
  const { code } = error;
  const isRemote = error instanceof RemoteError;
  if (isRemote && !error.refused && ofHandlers.has(code)) return undefined;
  if (!Object.hasOwn(meanings, code)) return undefined;
  const facts = isRemote ? error.facts : (error as unknown as Readonly<Record<string, unknown>>);
  const told = meanings[code]?.(facts, situation);
  return told && { code, ...told };
}
