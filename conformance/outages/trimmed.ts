/** A server's log without what is of no use to anybody, or of this machine alone. */
import type { Home } from '../cluster.ts';

/** What each write or look says, at levels that few servers have. */
const CHATTER = /\[(?:TRACE|DEBUG)\] (?!storage\.raft:)/;

const VARIABLES = /(Environment Variables: ).*/g;

export function trimmed(log: string, folder: string, homes: readonly Home[] = []): string {
  const lines = log.split('\n').filter((line) => !CHATTER.test(line));
  let text = lines.join('\n').replaceAll(folder, '/opt/openbao').replaceAll(VARIABLES, '$1HOME, PATH');
  for (const [index, { host }] of homes.entries()) text = text.replaceAll(host, `10.0.0.${index + 1}`);
  return text;
}
