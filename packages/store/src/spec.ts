export { type FixedClock, fixedClock } from './spec/fixed-clock.ts';
export { type Given, type GivenOptions, given } from './spec/given.ts';
export { ImpossibleEventError } from './spec/impossible-event.ts';
export { sequentialIds } from './spec/sequential-ids.ts';
export { SpecificationError } from './spec/specification-error.ts';
export type { When } from './spec/when.ts';
