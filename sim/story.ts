/** What a story file imports. */
export { expect } from './expect.ts';
export { scenario } from './scenario.ts';
export { kv } from './workload.ts';
