import { afterEach, beforeEach, describe } from 'vitest';
import { contractRow, type OpenedRepository, type RepositoryOpener } from './contract-row.ts';
import { findContract } from './find-contract.ts';
import { ownerContract } from './owner-contract.ts';
import { pageContract } from './page-contract.ts';
import { rowContract } from './row-contract.ts';
import { versionContract } from './version-contract.ts';

const parts = [rowContract, findContract, pageContract, versionContract, ownerContract];

/** What every repository promises. `open` gives an empty view each time. Runs under vitest. */
export function testRepository(implementation: string, open: RepositoryOpener): void {
  describe(`${implementation} keeps the promises of a repository`, () => {
    let opened: OpenedRepository;

    beforeEach(async () => {
      opened = await open({ name: 'contract', row: contractRow });
    });

    afterEach(async () => {
      await opened.release?.();
    });

    for (const part of parts) part(() => opened);
  });
}
