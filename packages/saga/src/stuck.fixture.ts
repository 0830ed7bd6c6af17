import { z } from 'zod';
import { defineSaga } from './define-saga.ts';

/** Needs attention at once: its second step fails, and its first cannot be undone. */
export const stuck = defineSaga({
  name: 'stuck',
  input: z.null(),
  steps: (saga) =>
    saga
      .step('do', {
        run: () => 1,
        compensate() {
          throw new Error('cannot');
        },
        compensateRetry: { attempts: 1 },
      })
      .step('fail', {
        run() {
          throw new Error('no');
        },
        retry: { attempts: 1 },
      }),
});
