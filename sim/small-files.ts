import type { FileSizes } from '../core/server/ha/raft-physical.ts';

/** So small that within seconds logs have many segments, lose those that are not needed, and states are rewritten. */
export const SMALL_FILES: FileSizes = { logSegment: 4 << 10, state: { atLeast: 0, times: 1.1 } };
