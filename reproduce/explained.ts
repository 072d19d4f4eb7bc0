/** What is known already explains what others say of it. */
import { SECOND, type Micros } from '../core/runtime.ts';
import type { InferredFault } from './faults.ts';

/** What explains a timeout may have been a little later, by another node's clock. */
export const SKEW: Micros = SECOND;

/** Whether something that is known already keeps a node from being heard at some time between. */
export function isExplained(faults: readonly InferredFault[], node: string, from: Micros, to: Micros): boolean {
  return faults.some((fault) => fault.node === node && fault.at.from <= to + SKEW && endOf(fault) + SKEW >= from);
}

/** What did not end while the logs were written goes on. */
const endOf = ({ kind, at, until }: InferredFault): Micros => until?.to ?? (kind === 'step-down' ? at.to : Infinity);
