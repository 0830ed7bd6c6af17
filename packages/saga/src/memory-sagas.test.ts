import { memorySagas } from './memory-sagas.ts';
import { turnedClock } from './spec.ts';
import { testSagaRepository } from './testing.ts';

testSagaRepository('memory', async () => {
  const clock = turnedClock();
  const repository = memorySagas({ clock });
  return { another: async () => repository, advance: clock.advance };
});
