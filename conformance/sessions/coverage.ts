/** What generated sessions have come to: which operations were asked, answered with success, and with which fields. */
import type { Exchange } from '../canonical.ts';
import type { Step } from '../case.ts';
import { fieldsOf } from '../fields.ts';
import { Finder, type Operation } from '../operations.ts';
import { ENDING } from '../probes.ts';
import { loadUnreachable } from '../unreachable.ts';

export class Coverage {
  readonly #operations: readonly Operation[];
  readonly #asked = new Set<string>();
  /** With the fields that were sent. */
  readonly #succeeded = new Map<string, Set<string>>();

  constructor(operations: readonly Operation[]) {
    this.#operations = operations;
  }

  add(steps: readonly Step[], answers: readonly Exchange[]): void {
    const finder = new Finder(this.#operations);
    for (const [index, one] of steps.entries()) {
      const id = finder.find(one)?.id;
      const status = answers[index]?.status;
      if (id === undefined || status === undefined) continue;
      this.#asked.add(id);
      if (status >= 300) continue;
      const known = this.#succeeded.get(id) ?? new Set<string>();
      for (const name of Object.keys(fieldsOf(one.body) ?? {})) known.add(name);
      this.#succeeded.set(id, known);
    }
  }

  /** A line an area, and a line each operation that is left, with why where that is known. */
  text(): string {
    const unreachable = loadUnreachable();
    const areas = [...new Set(this.#operations.map(({ area }) => area))];
    const lines = areas.map((area) => {
      const own = this.#operations.filter((one) => one.area === area);
      const fields = own.flatMap(({ id, fields }) =>
        Object.keys(fields).map((name) => this.#succeeded.get(id)?.has(name)),
      );
      return [
        area.padEnd(12),
        `${own.filter(({ id }) => this.#succeeded.has(id)).length} of ${own.length} operations with success`,
        `${own.filter(({ id }) => this.#asked.has(id)).length} asked`,
        `${fields.filter(Boolean).length} of ${fields.length} fields`,
      ].join(', ');
    });
    const left = this.#operations
      .filter(({ id }) => !this.#succeeded.has(id))
      .map(({ id, path }) => {
        const asked = this.#asked.has(id) ? 'asked, never with success' : 'never asked';
        const why = unreachable.get(id) ?? reasonOf(id, path);
        return `  ${id}: ${asked}${why === undefined ? '' : ` (${why})`}`;
      });
    return [...lines, ...left].join('\n');
  }
}

/** Why sessions keep away from an operation. */
const REASONS: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^\/sys\/(?:seal|unseal|init|step-down|monitor)/, 'ends or begins the server that other sessions are on'],
  [
    /^\/sys\/(?:rekey|rotate|generate-root|storage|raw|in-flight-req|config\/state)/,
    'is of the whole server; cases ask it',
  ],
  [/^\/sys\/(?:pprof|metrics|host-info|internal\/counters)/, 'tells of the process; cases ask it'],
  [/^\/sys\/quotas/, 'is of the whole server: it would limit other sessions'],
  [
    /^\/(?:kv-v1|pki|auth\/\w+|rabbitmq|database|kubernetes)\/.*(?:tidy|acme|ocsp)/,
    'goes on in the background, or is signed; cases ask it',
  ],
];

function reasonOf(id: string, path: string): string | undefined {
  if (ENDING.has(id)) return 'ends what later requests stand on';
  return REASONS.find(([pattern]) => pattern.test(path))?.[1];
}
