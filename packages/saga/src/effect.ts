import type { Aggregate, Decision } from '@pipit/store';
import { type CommandOf, defineRegistry, type NewEvent } from '@pipit/types-registry';
import { RepeatedEffectError } from './saga-errors.ts';
import type { StepContext } from './step.ts';

/** Events that are to be appended to an aggregate together with a transition. */
export interface Effect {
  readonly aggregate: Aggregate;
  readonly id: string;
  /** Asked with the state of the aggregate, and again where that has changed; missing where any state will do. */
  readonly decide?: (state: unknown) => Decision;
  readonly events?: Decision;
}

/** The part of a step's context that gathers what its function asks for. */
export function gatherEffects(): {
  readonly effects: readonly Effect[];
  readonly gather: Pick<StepContext, 'append' | 'execute'>;
} {
  const effects: Effect[] = [];

  function add(effect: Effect): void {
    const { aggregate, id } = effect;
    if (effects.some((other) => other.aggregate.type === aggregate.type && other.id === id))
      throw new RepeatedEffectError(aggregate.type, id);
    effects.push(effect);
  }

  return {
    effects,
    gather: {
      append: (aggregate, id, events) => add({ aggregate, id, events: events as Decision }),
      execute(aggregate, id, decide) {
        const given = decide as ((state: unknown) => Decision) | NewEvent;
        add({
          aggregate,
          id,
          decide: typeof given === 'function' ? given : commandDecider(aggregate, given),
        });
      },
    },
  };
}

/** @throws UnknownTypeError, InvalidPayloadError */
function commandDecider(aggregate: Aggregate, { type, data }: NewEvent): (state: unknown) => Decision {
  const { commands } = defineRegistry({ commands: aggregate.commands });
  const command = { type, data: commands.encode(type, data).data } as CommandOf<
    Aggregate['commands'][number]
  >;
  return (state) => aggregate.decide(command, state);
}
