/** The same session, played to the real server and to ours, is told in the same records. */
import { expect, test } from 'vitest';
import { differs, logDifference } from './compare.ts';
import { sideBySide } from './side-by-side.ts';
import { SESSIONS } from './sessions.ts';

/** Those whose records chance has no part in; others by their names, as `LOG_SESSIONS=cluster,postgresql`. */
const PLAYED = process.env['LOG_SESSIONS']?.split(',') ?? [
  'dev',
  'single',
  'memory',
  'tls',
  'declared',
  'alone',
  'standby',
  'pki',
  'database',
];

test.for(PLAYED)('%s', async (name) => {
  const [real, ours] = await sideBySide(SESSIONS[name]!);
  const differences = real.map(({ name: step, lines }, at) => ({
    step,
    ...logDifference(lines, ours[at]!.lines, step),
  }));
  // A session in which the real server said nothing at all compares nothing.
  expect(real.some(({ lines }) => lines.length > 0)).toBe(true);
  expect(differences.filter(differs)).toEqual([]);
});
