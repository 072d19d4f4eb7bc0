/** Recorded cases that no story tells, and why. */
export const leftOut: Readonly<Record<string, string>> = {};
