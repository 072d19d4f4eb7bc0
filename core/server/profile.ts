/**
 * What differs between the versions of OpenBao that a node can imitate, as far as high availability and rights show it;
 * everything else is 2.7's. Mixed clusters of 2.6.2 and 2.7.2 were seen to work together: each node answers by its own version.
 */
export interface Profile {
  /** '2.7.2': what the node says of itself in health, ha-status, autopilot's state and the version history. */
  readonly version: string;
  /** When that was built; RFC 3339. */
  readonly commitDate: string;
  /**
   * X-Vault-Index on answers, and it and X-Vault-Inconsistent heeded in requests: since 2.7. Before, neither is looked
   * at, not even for errors.
   */
  readonly indexHeaders: boolean;
  /** Standbys on integrated storage serve reads: since 2.5. Before, they forward everything. */
  readonly standbyReads: boolean;
  /** Those on storage that they share, too, as the active node tells them what it changes: since 2.7. */
  readonly sharedReads: boolean;
  /**
   * Of several spellings of one name policies and audit devices see the one that is meant: since 2.7. Before, they see
   * what was sent.
   */
  readonly resolvesNames: boolean;
}

/** Imitated unless something else is asked for. */
export const VERSION = '2.7.2';
export const COMMIT_DATE = '2026-10-26T20:32:27Z';

/** Of the releases that were looked at; of another one the date of 2.7.2 is told. */
const COMMIT_DATES: Readonly<Record<string, string>> = {
  '2.6.2': '2026-08-18T15:48:19Z',
  [VERSION]: COMMIT_DATE,
};

/** `version` is like '2.6.2'. */
export function profileOf(version: string): Profile {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const since = (first: number): boolean => major > 2 || (major === 2 && minor >= first);
  return {
    version,
    commitDate: COMMIT_DATES[version] ?? COMMIT_DATE,
    indexHeaders: since(7),
    standbyReads: since(5),
    sharedReads: since(7),
    resolvesNames: since(7),
  };
}
