/** In milliseconds: a timer of more rings at once. */
export const longestDelay = 2 ** 31 - 1;
