export {
  type ContractRow,
  contractRow,
  type OpenedRepository,
  type RepositoryOpener,
} from './testing/contract-row.ts';
export { testProjection } from './testing/projection-contract.ts';
export { testRepository } from './testing/repository-contract.ts';
