import { afterEach, beforeEach, describe } from 'vitest';
import type { Commands } from '../commands.ts';
import { answerContract } from './command-contract/answers.ts';
import { deadlineContract } from './command-contract/deadlines.ts';
import { failureContract } from './command-contract/failures.ts';
import { middlewareContract } from './command-contract/middleware.ts';
import type { CommandsOfTest, OpenedCommands } from './command-contract/opened.ts';
import { sharingContract } from './command-contract/sharing.ts';
import { stopContract } from './command-contract/stopping.ts';

/** What every implementation of `Commands` promises. */
export function commandContract(name: string, open: () => Promise<OpenedCommands>): void {
  describe(name, () => {
    let opened: OpenedCommands;
    let commands: Commands;
    beforeEach(async () => {
      opened = await open();
      commands = await opened.instance();
    });
    afterEach(() => opened.close());
    const test: CommandsOfTest = () => ({ ...opened, log: opened.log, commands });

    answerContract(test);
    failureContract(test);
    deadlineContract(test);
    sharingContract(test);
    stopContract(test);
    middlewareContract(test);
  });
}
