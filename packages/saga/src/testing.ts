export { type OpenedSagas, testSagaRepository } from './testing/repository-contract.ts';
export { type SagaTest, testSagas } from './testing/test-sagas.ts';
export { type TurnedClock, turnedClock } from './testing/turned-clock.ts';
