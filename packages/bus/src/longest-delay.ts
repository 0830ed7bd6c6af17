/** The longest a timer can wait, in milliseconds. */
export const longestDelay = 2 ** 31 - 1;
