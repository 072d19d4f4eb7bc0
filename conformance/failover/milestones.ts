/** What the survivors of a leader's death say in their logs, in order: the milestones of a failover. */

export interface Said {
  readonly node: string;
  readonly message: string;
}

/** Upstream's words, and the name of the milestone. */
const MARKS: readonly (readonly [words: string, name: string])[] = [
  ['heartbeat timeout reached, starting election', 'heartbeat timeout'],
  ['Election timeout reached, restarting election', 'election timeout'],
  ['rejecting pre-vote request since we have a leader', 'pre-vote rejected'],
  ['pre-vote campaign failed, waiting for election timeout', 'pre-vote failed'],
  ['pre-vote successful, starting election', 'pre-vote successful'],
  ['election won', 'election won'],
  ['acquired lock, enabling active operation', 'lock acquired'],
  ['post-unseal setup complete', 'active'],
];

/**
 * 'A heartbeat timeout', 'B pre-vote rejected' …: A is the survivor that speaks first, B the other. A campaign that
 * fails is told by both in the same moment, so only the rejection is kept.
 */
export function milestones(said: readonly Said[]): string[] {
  const names = new Map<string, string>();
  const found: string[] = [];
  for (const { node, message } of said) {
    const mark = MARKS.find(([words]) => message.includes(words))?.[1];
    if (mark === undefined || mark === 'pre-vote failed') continue;
    if (!names.has(node)) names.set(node, String.fromCharCode(65 + names.size));
    found.push(`${names.get(node)} ${mark}`);
    if (mark === 'active') break;
  }
  return found;
}
