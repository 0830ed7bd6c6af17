/** Whether the long form was asked for, which takes minutes. */
export const isLong = process.env['PIPIT_FAULTS'] === 'long';

const given = process.env['PIPIT_SEED'];
/** Of everything random in a run. It stands in the names of the tests; the same makes the same histories and faults again. */
export const seed = given === undefined || given === '' ? Math.floor(Math.random() * 2 ** 31) : Number(given);

if (!Number.isSafeInteger(seed)) throw new Error(`PIPIT_SEED must be a whole number, not ${given}.`);
