/** What every node that serves must answer once the story is over and all is calm, however long it takes to get there. */
export interface Claim {
  /** In words, e.g. `a revoked token is refused`. */
  readonly what: string;
  readonly path: string;
  /** Whose request it is; the operator's unless given. */
  readonly token?: string;
  /** Whether an answer agrees with it. */
  readonly holds: (status: number, body: string) => boolean;
}
