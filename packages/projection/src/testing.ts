export {
  type ContractRow,
  contractRow,
  type OpenedRepository,
  type RepositoryOpener,
} from './testing/contract-row.ts';
export { testRepository } from './testing/repository-contract.ts';
