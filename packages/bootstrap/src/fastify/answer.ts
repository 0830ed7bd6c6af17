import type { z } from 'zod';

/** Where a route says nothing of its answer, that is made of defaults. */
export type AnswerSpec<Answer extends z.ZodType, Result> =
  | { readonly answer?: undefined; readonly toAnswer?: undefined }
  | {
      /** The schema of the answer; what it does not name is left out. */
      readonly answer: Answer;
      /** Makes the answer of what was done. */
      readonly toAnswer: (result: Result) => z.input<NoInfer<Answer>> | Promise<z.input<NoInfer<Answer>>>;
    };
