export { type SagaTest, type SagaTestOptions, testSagas } from './spec/test-sagas.ts';
export { type TurnedClock, turnedClock } from './spec/turned-clock.ts';
