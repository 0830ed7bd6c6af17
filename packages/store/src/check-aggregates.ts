import { InvalidRegistryError } from '@pipit/types-registry';
import type { Aggregate } from './aggregate.ts';
import { isKeyType } from './append/unique-key.ts';

/**
 * Whether aggregates can share a store: names are found again by themselves there.
 *
 * @throws InvalidRegistryError with all that is wrong
 */
export function checkAggregates(aggregates: readonly Aggregate[]): void {
  const types = aggregates.map(({ type }) => type);
  const twice = types.filter((type, index) => types.indexOf(type) !== index);
  const problems = [
    ...twice.map((type) => `two aggregates are named ${type}`),
    ...types.filter(isKeyType).map((type) => `${type} is a name the store keeps for unique keys`),
    ...(twice.length === 0 ? eventProblems(aggregates) : []),
  ];
  if (problems.length > 0) throw new InvalidRegistryError(problems);
}

function eventProblems(aggregates: readonly Aggregate[]): string[] {
  const owned = aggregates.flatMap(({ type, events }) =>
    events.map((definition) => ({ definition, owner: type })),
  );
  return owned.flatMap(({ definition, owner }, index) => {
    const other = owned
      .slice(0, index)
      .find((one) => one.definition.type === definition.type && one.definition !== definition);
    if (other === undefined || other.owner === owner) return [];
    return [
      `aggregates ${other.owner} and ${owner} have different events named ${definition.type}: ` +
        'define it once for both, or give one another name',
    ];
  });
}
