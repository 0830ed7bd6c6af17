import { testRandomRuns } from '../faults/random-runs.fixture.ts';
import type { Repository } from '../repository.ts';
import type { ContractRow } from '../testing/contract-row.ts';
import { memoryRepository } from './memory-repository.ts';

const views = new Map<string, Repository<ContractRow>>();

testRandomRuns('memory', {
  isTransactional: true,
  runs: 50,
  open(name) {
    const view = views.get(name) ?? memoryRepository<ContractRow>({ name });
    views.set(name, view);
    return view;
  },
});
