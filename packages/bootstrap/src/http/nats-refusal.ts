import { errors } from '@nats-io/nats-core';
import { away, inDoubt, type Situation } from './pipit-refusals.ts';
import type { Refusal } from './problem.ts';

const passing = [
  errors.ClosedConnectionError,
  errors.ConnectionError,
  errors.DrainingConnectionError,
  errors.NoRespondersError,
  errors.RequestError,
  errors.TimeoutError,
];

/** What an error of the NATS client means that reached the route as it was; `undefined` for what does not pass. */
export function natsRefusal(error: unknown, situation: Situation): Refusal | undefined {
  if (!passing.some((kind) => error instanceof kind)) return undefined;
  const told = situation.isWrite ? inDoubt(situation) : { status: 503, detail: away };
  return { code: 'CONNECTION', ...told };
}
