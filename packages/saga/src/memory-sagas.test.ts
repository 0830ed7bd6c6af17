import { memorySagas } from './memory-sagas.ts';
import { testSagaRepository, turnedClock } from './testing.ts';

testSagaRepository('memory', async () => {
  const clock = turnedClock();
  const repository = memorySagas(clock);
  return { another: async () => repository, advance: clock.advance };
});
