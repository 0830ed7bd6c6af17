export { type GivenEvents, given, type Past } from './spec/given.ts';
export { SpecificationError } from './spec/specification-error.ts';
