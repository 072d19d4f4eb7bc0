/** The same session, played to the real server and to ours, is told in the same records. */
import { expect, test } from 'vitest';
import { BesideServer, type Kind } from '../configurations/beside.ts';
import { logDifference } from './compare.ts';
import type { Session } from './session.ts';
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
];

async function played(name: string, kind: Kind): Promise<Session> {
  const servers: BesideServer[] = [];
  try {
    return await SESSIONS[name]!(async () => {
      const server = await BesideServer.make(kind);
      servers.push(server);
      return server;
    });
  } finally {
    for (const server of servers) await server.remove();
  }
}

test.for(PLAYED)('%s', { timeout: 120_000 }, async (name) => {
  const [real, ours] = await Promise.all([played(name, 'real'), played(name, 'ours')]);
  expect(ours.steps.map((step) => step.name)).toEqual(real.steps.map((step) => step.name));
  const differences = real.steps.map((step, index) => {
    const own = ours.steps[index]!;
    // A step in which the real server said nothing at all compares nothing.
    return { step: step.name, ...logDifference(step.lines, own.lines, step.name) };
  });
  expect(real.steps.some(({ lines }) => lines.length > 0)).toBe(true);
  expect(
    differences.filter(({ missing, extra, misplaced }) => [...missing, ...extra, ...misplaced].length > 0),
  ).toEqual([]);
});
