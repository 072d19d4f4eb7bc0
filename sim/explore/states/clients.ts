/** What clients saw. */
import type { Operation } from '../../history.ts';
import type { Simulation } from '../../simulation.ts';
import { ended, type State, traced } from '../state.ts';

/** Of each key: what was done to it, in order of its beginning. */
function keysOf({ histories }: Simulation): Operation[][] {
  return histories.flatMap(({ operations }) => {
    const keys = new Map<string, Operation[]>();
    for (const operation of operations) {
      const before = keys.get(operation.key);
      if (before === undefined) keys.set(operation.key, [operation]);
      else before.push(operation);
    }
    return [...keys.values()];
  });
}

const puts = (operations: readonly Operation[], outcome: Operation['outcome']): Operation[] =>
  operations.filter((operation) => operation.kind === 'put' && operation.outcome === outcome);

/** How many of a key's writes without an answer took effect, and how many did not; each write makes a version. */
function unknownWrites(operations: readonly Operation[]): { readonly happened: number; readonly not: number } {
  const last = operations.findLast(({ client, outcome }) => client === 'operator' && outcome === 'ok');
  if (last?.version === undefined) return { happened: 0, not: 0 };
  const happened = last.version - puts(operations, 'ok').length;
  return { happened, not: puts(operations, 'unknown').length - happened };
}

/** A read by a node that may lag of what had been overwritten, with the answer given, before the read began. */
function isOvertaken(operations: readonly Operation[]): boolean {
  const written = puts(operations, 'ok');
  const overtaken = ({ kind, stale, version, invoked }: Operation): boolean =>
    kind === 'get' &&
    stale === true &&
    version !== undefined &&
    written.some((put) => put.version! > version && put.returned! < invoked);
  return operations.some(overtaken);
}

export const clientStates: readonly State[] = [
  ended('a write without an answer had happened', (run) => keysOf(run).some((key) => unknownWrites(key).happened > 0)),
  ended('a write without an answer had not happened', (run) => keysOf(run).some((key) => unknownWrites(key).not > 0)),
  ended('a check-and-set came too late', (run) =>
    keysOf(run).some((key) => key.some((each) => each.casRefused === true)),
  ),
  ended('a standby answered what was overwritten', (run) => keysOf(run).some(isOvertaken)),
  traced('a client was told to slow down', 'http.response', ({ id, status }, node, soFar) => {
    return status === 429 && !soFar.pathOf(node, id).includes('sys/health');
  }),
  traced('a sealed node was asked for more than its state', 'http.response', ({ id, status, sealed }, node, soFar) => {
    return sealed && status === 503 && !/sys\/(?:health|seal-status|init)/.test(soFar.pathOf(node, id));
  }),
];
