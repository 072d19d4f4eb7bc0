/**
 * What the cases written by hand ask, for sessions: a case up to some place, and from there on its own requests again,
 * each with a documented field sent otherwise. So sessions come to every operation that a case succeeds with.
 */
import fc from 'fast-check';
import type { Case, Step } from '../case.ts';
import { loadCases } from '../case.ts';
import { crashes, fieldsOf, succeeded, valuesOf } from '../fields.ts';
import { Finder, type Operation } from '../operations.ts';
import { ENDING, LASTING } from '../probes.ts';
import { json, who } from './vocabulary.ts';

/**
 * What cannot be asked beside other sessions or in a namespace (the real server breaks the connection over an external
 * key that is not there), or whose answer depends on the moment (a mount that is to move does so a little later).
 */
const APART =
  /^(?:sys\/(?:seal|unseal|init|step-down|rekey|rotate|generate-root|storage|quotas|monitor|pprof|remount$|namespaces\/[^/]+$|internal\/counters|external-keys)|.*\/kms$|.*\/tidy)/;

/** What comes after a wait may need it; longer ones, in ms, are for what ends by itself. */
const LONGEST_WAIT = 1000;

const plain = ({ method, path, bytes, jws, until, wait = 0, node }: Step): boolean =>
  // Differs on purpose (intended.txt).
  method !== 'CONNECTX' &&
  !path.startsWith('/') &&
  bytes === undefined &&
  jws === undefined &&
  until === undefined &&
  wait <= LONGEST_WAIT &&
  node === undefined &&
  !APART.test(path);

/** Cases that stand on a server of their own only for convenience. */
const usable = ({ server, service, steps }: Case): boolean =>
  server === 'dev' && service === undefined && steps.filter(plain).length > steps.length / 2;

/** So many of a case's requests at most come before those that are varied. */
const LONGEST = 160;
const MOST = 12;

/** Of these operations' documented fields; `area`: cases of this one only. */
export function borrowed(operations: readonly Operation[], area?: string): fc.Arbitrary<Step[]> | undefined {
  const cases = loadCases(area).filter(usable);
  if (cases.length === 0) return undefined;
  return fc.constantFrom(...cases).chain((lent) => {
    // Of two wrong fields the real server names either, so that in other requests none may be bent.
    const right = succeeded(lent);
    const kept = lent.steps.filter(plain);
    return fc.integer({ min: 1, max: Math.min(LONGEST, kept.length) }).chain((length) => {
      const head = kept.slice(0, length);
      const finder = new Finder(operations);
      const found = head.map((one) => finder.find(one));
      // What the head ends with is what is varied most: what it stands on is there.
      const place = fc.oneof(
        { weight: 3, arbitrary: fc.integer({ min: Math.max(0, length - 8), max: length - 1 }) },
        { weight: 1, arbitrary: fc.nat({ max: length - 1 }) },
      );
      const again = place.chain((at) => varied(head[at]!, right.has(head[at]!) ? found[at] : undefined));
      return fc.array(again, { minLength: 1, maxLength: MOST }).map((rest) => [...head, ...rest]);
    });
  });
}

function varied(one: Step, operation: Operation | undefined): fc.Arbitrary<Step> {
  const fields = Object.entries(operation?.fields ?? {});
  const body = fieldsOf(one.body);
  const by = fc.tuple(fc.nat({ max: 9 }), who).map(([chance, as]) => (chance === 0 ? { ...one, as } : one));
  const asIs = operation !== undefined && (ENDING.has(operation.id) || LASTING.test(operation.path));
  if (asIs || fields.length === 0 || body === undefined) return by;
  const changed = fc
    .constantFrom(...fields)
    .chain(([name, type]) =>
      fc
        .constantFrom(...valuesOf(type))
        .map((value) =>
          crashes(name, value) ? one : { ...one, captures: [], body: json({ ...body, [name]: value }) },
        ),
    );
  return fc.oneof({ weight: 4, arbitrary: changed }, { weight: 1, arbitrary: by });
}
