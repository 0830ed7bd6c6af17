import { type Effect, gatherEffects } from './effect.ts';
import { jsonCopy } from './json-copy.ts';
import type { FailureReason } from './saga-change.ts';
import { StepInDoubtError, StepResultError, StepTimeoutError } from './saga-errors.ts';
import type { ActionStep, StepContext } from './step.ts';
import { errorOf } from './thrown.ts';

/** What has become of one attempt. */
export type Outcome =
  | { readonly ok: true; readonly result: unknown; readonly effects: readonly Effect[] }
  | { readonly ok: false; readonly reason: FailureReason; readonly error: Error; readonly inDoubt: boolean };

type Facts = Omit<StepContext, 'signal' | 'append' | 'execute'>;

/**
 * Calls the function of a step, or what undoes it, for as long as its time lasts. What it does after that has no effect
 * here.
 *
 * @throws the reason of the signal, once that aborts
 */
export async function attempt(
  { name, timeout }: ActionStep,
  work: (context: StepContext) => unknown,
  facts: Facts,
  stopping: AbortSignal,
): Promise<Outcome> {
  const { effects, gather } = gatherEffects();
  const own = new AbortController();
  const over = Promise.withResolvers<never>();
  const giveUp = (reason: unknown) => {
    over.reject(reason);
    own.abort(reason);
  };
  const onStop = () => giveUp(stopping.reason);
  stopping.throwIfAborted();
  const timer = setTimeout(() => giveUp(new StepTimeoutError(name, timeout)), timeout).unref();
  stopping.addEventListener('abort', onStop, { once: true });
  try {
    const working = (async () => await work({ ...facts, ...gather, signal: own.signal }))();
    return { ok: true, result: await Promise.race([working, over.promise]), effects: [...effects] };
  } catch (thrown) {
    stopping.throwIfAborted();
    const reason =
      thrown instanceof StepTimeoutError && thrown === own.signal.reason ? 'timed-out' : 'failed';
    const inDoubt = reason === 'timed-out' || thrown instanceof StepInDoubtError;
    return { ok: false, reason, error: errorOf(thrown), inDoubt };
  } finally {
    clearTimeout(timer);
    stopping.removeEventListener('abort', onStop);
    // Nobody listens where the work was quicker.
    over.promise.catch(() => {});
  }
}

/** The outcome with its result as it will be read again; a failure where it is not what it should be. */
export function keptOutcome({ name, result: schema }: ActionStep, outcome: Outcome): Outcome {
  if (!outcome.ok) return outcome;
  try {
    return { ...outcome, result: keptResult(name, schema, outcome.result) };
  } catch (error) {
    return { ok: false, reason: 'mismatch', error: errorOf(error), inDoubt: true };
  }
}

function keptResult(step: string, schema: ActionStep['result'], result: unknown): unknown {
  const parsed = schema?.safeParse(result);
  if (parsed?.success === false)
    throw new StepResultError(step, `does not fit: ${messageOf(parsed.error)}`, parsed.error);
  const { copy, lost } = jsonCopy(parsed === undefined ? result : parsed.data);
  if (lost === undefined) return copy;
  throw new StepResultError(step, `cannot be kept as JSON: ${lost}`);
}

function messageOf({
  issues,
}: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}) {
  return issues.map(({ path, message }) => `${path.map(String).join('.') || 'it'}: ${message}`).join('; ');
}
