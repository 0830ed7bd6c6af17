import { z } from 'zod';
import type { Repository } from '../repository.ts';

/** What the suite's rows look like: one field of each kind. */
export const contractRow = z.object({
  text: z.string(),
  count: z.number().optional(),
  flag: z.boolean().optional(),
  none: z.string().nullish(),
  list: z.array(z.number()).optional(),
  odd: z.custom<Readonly<Record<string, unknown>>>().optional(),
});

export type ContractRow = z.infer<typeof contractRow>;

export interface OpenedRepository {
  readonly repository: Repository<ContractRow>;
  /** Another one on the same rows, as another process would open it. */
  another(): Promise<Repository<ContractRow>>;
  readonly release?: () => Promise<void>;
}

export type RepositoryOpener = (options: {
  /** Of the view. */
  readonly name: string;
  /** Schema of the rows. */
  readonly row: typeof contractRow;
}) => Promise<OpenedRepository>;
