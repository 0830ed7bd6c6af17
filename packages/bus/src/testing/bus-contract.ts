import { afterEach, beforeEach, describe } from 'vitest';
import type { Bus } from '../bus.ts';
import type { BusOpener, BusUnderTest, ContractEvent, OpenedBus } from './contract-blog.ts';
import { deadLetterContract } from './dead-letter-contract.ts';
import { deathContract } from './death-contract.ts';
import { deliveryContract } from './delivery-contract.ts';
import { hubContract } from './hub-contract.ts';
import { lagContract } from './lag-contract.ts';
import { type LogLine, logTo } from './log-to.ts';
import { orderContract } from './order-contract.ts';
import { retryContract } from './retry-contract.ts';
import { topicDeliveryContract } from './topic-delivery-contract.ts';
import { unsafeInputContract } from './unsafe-input-contract.ts';

/** What every bus promises. `open` gives a new, empty store each time. Runs under vitest. */
export function testBus(implementation: string, open: BusOpener): void {
  describe(`${implementation} keeps the promises of a bus`, () => {
    let opened: OpenedBus;
    let bus: Bus<ContractEvent>;
    let buses: Bus<ContractEvent>[];
    const log: LogLine[] = [];

    beforeEach(async () => {
      log.splice(0);
      opened = await open(logTo(log));
      bus = await opened.instance();
      buses = [bus];
    });

    afterEach(async () => {
      await Promise.all(buses.map((each) => each.stop({ timeout: 1_000 })));
      await opened.close();
    });

    const test = (): BusUnderTest => ({
      opened,
      bus,
      log,
      async another() {
        const other = await opened.instance();
        buses.push(other);
        return other;
      },
    });

    deliveryContract(test);
    deathContract(test);
    retryContract(test);
    orderContract(test);
    deadLetterContract(test);
    hubContract(test);
    lagContract(test);
    topicDeliveryContract(test);
    unsafeInputContract(test);
  });
}
