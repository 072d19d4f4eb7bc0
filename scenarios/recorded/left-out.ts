/** Recorded cases that no story tells, by their names, and why not. */
export const leftOut: Readonly<Record<string, string>> = {};
