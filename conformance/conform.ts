/** Holds one target against another, case by case, and says for each operation how they compare. */
import type { Exchange } from './canonical.ts';
import type { Case, ServerKind } from './case.ts';
import type { Difference } from './differ.ts';
import { compareExchanges } from './differ.ts';
import type { Operation } from './operations.ts';
import { Finder } from './operations.ts';
import type { Documents } from './documents.ts';
import { TargetDied, playFresh } from './play.ts';
import { loadRecording } from './recording.ts';
import type { ProbeKind } from './probes.ts';
import type { Target } from './targets/target.ts';
import { TargetError } from './targets/target.ts';
import { loadUnreachable } from './unreachable.ts';

export type Verdict = 'same' | 'differs' | 'not implemented' | 'not covered';

/** One request of a cell, and what the reference answered. */
export interface Asked {
  readonly case: string;
  readonly request: string;
  readonly status: number;
}

export interface Cell {
  verdict: Exclude<Verdict, 'not covered'>;
  readonly asked: Asked[];
  readonly differences: (Difference & { readonly case: string })[];
}

export interface Row {
  readonly operation: Operation;
  verdict: Verdict;
  readonly cells: Map<ProbeKind, Cell>;
  /** A case asked it and the reference answered with success. */
  succeeded: boolean;
  /** Why no server can answer it with success; covered is then how it refuses. */
  readonly unreachable: string | undefined;
}

export interface CaseResult {
  readonly name: string;
  readonly steps: number;
  readonly differences: readonly Difference[];
  /** Why it could not be played to its end. */
  readonly broken?: string;
}

export interface Report {
  readonly target: string;
  readonly against: string;
  readonly rows: readonly Row[];
  readonly cases: readonly CaseResult[];
  /** Cases that one of the two cannot be asked, each 'name: why'. */
  readonly left: readonly string[];
  /** What the two say of themselves; undefined when one was not asked. */
  readonly documents?: Documents;
}

/** Answers that say that there is no such operation or engine. */
const ABSENT = /unsupported path|no handler for route|plugin not found in the catalog/;

const isAbsent = ({ body }: Exchange): boolean => body !== undefined && ABSENT.test(JSON.stringify(body));

/** Collects results; a row an operation. */
export class Comparison {
  readonly #rows: Map<string, Row>;
  readonly #operations: readonly Operation[];
  readonly #cases: CaseResult[] = [];

  constructor(operations: readonly Operation[]) {
    this.#operations = operations;
    const unreachable = loadUnreachable();
    this.#rows = new Map(
      operations.map((operation) => [
        operation.id,
        {
          operation,
          verdict: 'not covered',
          cells: new Map(),
          succeeded: false,
          unreachable: unreachable.get(operation.id),
        },
      ]),
    );
  }

  /** `expected` is the reference's answers. */
  add(played: Case, expected: readonly Exchange[], actual: readonly Exchange[], broken?: string): CaseResult {
    const differences = compareExchanges(expected, actual);
    const finder = new Finder(this.#operations);
    for (const [index, step] of played.steps.entries()) {
      const [one, other] = [expected[index], actual[index]];
      const id = step.probe?.operation ?? finder.find(step)?.id;
      const row = id === undefined ? undefined : this.#rows.get(id);
      if (row === undefined || one === undefined) continue;
      const kind = (step.probe?.kind ?? 'case') as ProbeKind;
      const own = differences
        .filter(({ step }) => step === index)
        .map((difference) => ({ ...difference, case: played.name }));
      const absent = other !== undefined && isAbsent(other) && !isAbsent(one);
      if (step.probe === undefined && one.status < 300 && other !== undefined) row.succeeded = true;
      const asked = { case: played.name, request: one.request, status: one.status };
      note(row, kind, absent ? 'not implemented' : own.length > 0 ? 'differs' : 'same', own, asked);
    }
    const result: CaseResult = {
      name: played.name,
      steps: played.steps.length,
      differences,
      ...(broken === undefined ? {} : { broken }),
    };
    this.#cases.push(result);
    return result;
  }

  /** An engine that the target does not have. */
  absent(area: string): void {
    for (const row of this.#rows.values()) if (row.operation.area === area) note(row, 'bare', 'not implemented', []);
  }

  report(about: Pick<Report, 'target' | 'against' | 'left' | 'documents'>): Report {
    const rows = [...this.#rows.values()];
    for (const row of rows) row.verdict = verdictOf(row);
    return { ...about, rows, cases: this.#cases };
  }
}

function note(
  row: Row,
  kind: ProbeKind,
  verdict: Cell['verdict'],
  differences: Cell['differences'],
  asked?: Asked,
): void {
  let cell = row.cells.get(kind);
  if (cell === undefined) row.cells.set(kind, (cell = { verdict: 'same', asked: [], differences: [] }));
  if (asked !== undefined) cell.asked.push(asked);
  cell.differences.push(...differences);
  if (verdict === 'not implemented' || (verdict === 'differs' && cell.verdict === 'same')) cell.verdict = verdict;
}

/** Covered is what a case has asked and the reference has answered with success. */
function verdictOf({ cells, succeeded, unreachable }: Row): Verdict {
  const verdicts = [...cells.values()].map(({ verdict }) => verdict);
  if (cells.get('bare')?.verdict === 'not implemented' || (verdicts.includes('not implemented') && !succeeded))
    return 'not implemented';
  if (verdicts.some((verdict) => verdict !== 'same')) return 'differs';
  const refused = unreachable !== undefined && cells.has('case');
  return succeeded || refused ? 'same' : 'not covered';
}

export interface Options {
  /** After each case. */
  readonly done: (result: CaseResult) => void;
  readonly documents?: Documents | undefined;
}

/** Whether the target knows what the case needs: a case that mounts an engine it has not is not played. */
export function lacks(played: Case, expected: readonly Exchange[], actual: readonly Exchange[]): boolean {
  return (
    played.name.endsWith('/probes') &&
    actual.some((exchange, index) => {
      const step = played.steps[index]!;
      return (
        /^sys\/(?:mounts|auth)\//.test(step.path) &&
        step.probe === undefined &&
        isAbsent(exchange) &&
        !isAbsent(expected[index]!)
      );
    })
  );
}

/** Whence the answers to a case come. */
export interface Source {
  readonly name: string;
  /** Of what a case may ask for; everything when undefined. */
  readonly target?: Target;
  play(played: Case): Promise<Played>;
}

export interface Played {
  readonly exchanges: readonly Exchange[];
  /** Why it ends before its end. */
  readonly broken?: string;
}

/** Fresh servers of a target. When one dies, what it answered before is kept. */
export const live = (target: Target): Source => ({
  name: target.name,
  target,
  play: async (played) => {
    try {
      return { exchanges: await playFresh(target, played) };
    } catch (error) {
      if (error instanceof TargetDied) return { exchanges: error.exchanges, broken: error.message };
      if (error instanceof TargetError) return { exchanges: [], broken: error.message };
      throw error;
    }
  },
});

/** What a version of the real server answered when it was recorded. */
export const recorded = (version: string): Source => ({
  name: `recorded:${version}`,
  play: (played) => {
    const exchanges = loadRecording(version, played);
    return Promise.resolve(
      exchanges === undefined ? { exchanges: [], broken: `${played.name} is not recorded` } : { exchanges },
    );
  },
});

/** So many cases are played at a time, each on servers of its own: much of a case is waiting. */
const AT_ONCE = 4;

/** What `work` makes of the items, in their order; `width` are worked on at a time. */
async function* ahead<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): AsyncGenerator<R> {
  const begun: Promise<R>[] = [];
  for (const item of items) {
    const result = work(item);
    // Whoever waits for it hears of a failure; until then it is nobody's.
    result.catch(() => undefined);
    begun.push(result);
    if (begun.length >= width) yield await begun.shift()!;
  }
  while (begun.length > 0) yield await begun.shift()!;
}

/** Plays all cases on both. An engine that the target lacks is noted, not compared. */
export async function conform(
  target: Source,
  against: Source,
  cases: readonly Case[],
  operations: readonly Operation[],
  { done, documents }: Options,
): Promise<Report> {
  const comparison = new Comparison(operations);
  const left: string[] = [];
  const sources = [target, against];
  const lacking = (server: ServerKind): Source | undefined =>
    sources.find((source) => source.target?.kinds.includes(server) === false);
  for (const { name, server } of cases) {
    const source = lacking(server);
    if (source !== undefined) left.push(`${name}: ${source.name} cannot be a fresh ${server} server`);
  }
  const shared = sources.some((source) => source.target?.shared === true);
  const both = async (whole: Case) => {
    const played = shared ? withoutSealing(whole) : whole;
    // A recording is of the whole case.
    const asked = against.target === undefined ? whole : played;
    const [expected, actual] = await Promise.all([against.play(asked), target.play(played)]);
    return { played, expected, actual };
  };
  const can = cases.filter(({ server }) => lacking(server) === undefined);
  for await (const { played, expected, actual } of ahead(can, shared ? 1 : AT_ONCE, both)) {
    if (lacks(played, expected.exchanges, actual.exchanges)) {
      comparison.absent(played.area);
      continue;
    }
    const known = expected.exchanges.slice(0, played.steps.length);
    done(comparison.add(played, known, actual.exchanges, expected.broken ?? actual.broken));
  }
  return comparison.report({
    target: target.name,
    against: against.name,
    left,
    ...(documents === undefined ? {} : { documents }),
  });
}

/** Nobody else's server is sealed: what comes after that is not asked. */
function withoutSealing(played: Case): Case {
  const end = played.steps.findIndex(({ method, path }) => method === 'PUT' && path === 'sys/seal');
  return end < 0 ? played : { ...played, steps: played.steps.slice(0, end) };
}
