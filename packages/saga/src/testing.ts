export { type OpenedSagas, testSagaRepository } from './testing/repository-contract.ts';
