export {
  type ContractRow,
  contractRow,
  type OpenedRepository,
  type RepositoryOpener,
} from './testing/contract-row.ts';
export type { SchedulerOpener } from './testing/contract-scheduler.ts';
export { testProjection } from './testing/projection-contract.ts';
export { testRepository } from './testing/repository-contract.ts';
export { testScheduler } from './testing/scheduler-contract.ts';
