import { describe, expect, test } from 'vitest';
import { kept, logsOf, truthOf } from '../conformance/outages/kept.ts';
import { playPlan } from '../bin/run/reenact.ts';
import { readCluster } from './cluster-log.ts';
import { compare } from './comparison.ts';
import { inferFaults, type InferredFault } from './faults.ts';
import { realOutages } from './outage.ts';
import { planOf } from './plan.ts';

/** What the recorder calls it. */
const CALLED: Readonly<Record<string, string>> = { 'slow disk': 'slow' };
/** How a fault ends, not how one begins. */
const ENDS = ['start', 'resume', 'heal', 'disk well', 'unseal'];
/** From the recorder's clock to the signal and back, on a machine on which others worked. */
const LATE = 150_000;
/** A machine on which others work takes so much longer with what is work, and not timers. */
const WORK = 100_000;
/** A leader that sealed was killed to be started again. */
const done = (name: string) =>
  truthOf(name).done.filter(({ what }) => !ENDS.includes(what) && !(name === 'leader-sealed' && what === 'kill'));

/** A real outage is one of many that might have been: where it is a rare one, more of the simulated have to be looked at. */
const AT_A_TIME = 4;
const MOST = 40;

const LEVELS = [
  ['all that was logged', () => true],
  ['what a server logs by itself', (line: string) => !/\[(TRACE|DEBUG)\]/.test(line)],
] as const;

describe.each(LEVELS)('of %s', (_, keep) => {
  test.each(kept())('%s: what was done to a real cluster is told by its logs', (name) => {
    const faults = inferFaults(readCluster(logsOf(name, keep)), truthOf(name).multiplier);
    const told = faults.map(({ kind, node }) => `${kind} ${node}`).sort();
    expect(told).toEqual(
      done(name)
        .map(({ what, node }) => `${CALLED[what] ?? what} ${node}`)
        .sort(),
    );
    for (const { what, node, at } of done(name)) {
      const { at: range } = faults.find(
        (fault) => fault.node === node && fault.kind === (CALLED[what] ?? what) && near(fault, at * 1_000),
      )!;
      expect(range.from - LATE).toBeLessThanOrEqual(at * 1_000);
      // A slow disk shows when the first client gives up, after 300 ms.
      expect(range.to + LATE).toBeGreaterThanOrEqual(at * 1_000);
    }
  });
});

// What journalctl --since gives: it begins in the middle of the nodes' lives, and nobody says who is active.
// Who led is not told where all died at once, or where it says nothing itself.
const STAMP = /(?:^|"@timestamp":")(\d{4}-\d\d-\d\dT[\d:.]+)/;
const WITHOUT_A_WORD = ['all-lost-power', 'all-lost-power-shamir', 'follower-paused', 'slow-disk'];
test.each(kept().filter((name) => !WITHOUT_A_WORD.includes(name)))(
  '%s: what was done is told by the end of the logs alone',
  (name) => {
    const { done: deeds, multiplier } = truthOf(name);
    const since = new Date(deeds[0]!.at - 500).toISOString();
    const late = logsOf(name).map(({ file, text }) => {
      const lines = text.split('\n');
      const before = lines.findLastIndex((line) => (STAMP.exec(line)?.[1] ?? since) < since);
      return {
        file,
        text: lines
          .slice(before + 1)
          .join('\n')
          .trim(),
      };
    });
    const log = readCluster(late.filter(({ text }) => text !== ''));
    const told = inferFaults(log, multiplier).map(({ kind, node, active }) => `${kind} ${node} ${active}`);
    const whole = inferFaults(readCluster(logsOf(name)), multiplier).map(
      ({ kind, node, active }) => `${kind} ${node} ${active}`,
    );
    expect(told.sort()).toEqual(whole.sort());
  },
);

test('a log file without what goes to the terminal does not tell who was asked to end, and says so', () => {
  const log = readCluster(logsOf('leader-sealed', (line) => !/^(==>| +[A-Z][\w ]+: )/.test(line)));
  expect(inferFaults(log, 1).map(({ kind, node, sure }) => `${kind} ${node} ${sure}`)).toEqual(['terminate n1 likely']);
});

const near = ({ at }: InferredFault, truth: number): boolean => Math.abs(at.to - truth) < 7_000_000;

test.each(kept())('%s: the multiplier is told by the logs', (name) => {
  for (const { facts } of readCluster(logsOf(name)).nodes) expect(facts.multiplier).toBe(truthOf(name).multiplier);
});

// The same at another level or in another form is another outage, but no other kind of one.
test.each(kept().filter((name) => !/-(?:info|json|shamir)$/.test(name)))(
  '%s: what it really lasted lies among what simulated clusters make of it',
  async (name) => {
    const log = readCluster(logsOf(name));
    const { multiplier } = truthOf(name);
    const faults = inferFaults(log, multiplier);
    const outages = realOutages(log.moments, faults);
    const plan = planOf(log, faults, { multiplier })!;
    const lengths = outages.map(({ left, from, lasted }) => {
      // What the logs leave open is known to who did it.
      const truth = done(name).find(({ node, at }) => node === left && Math.abs(at * 1_000 - from) < 7_000_000)!;
      return from + lasted! - truth.at * 1_000;
    });
    const runs: Awaited<ReturnType<typeof playPlan>> = [];
    const beyond = (): readonly number[] => {
      const rows = compare(outages, runs).filter(({ what }) => what === 'nobody active for');
      expect(rows.map(({ outage, runs: played }) => [outage, played])).toEqual(
        outages.map((_, index) => [index, runs.length]),
      );
      return lengths.filter((real, at) => {
        const { least, most } = rows[at]!.simulated!;
        return real < least * 0.75 || real > most * 1.25 + WORK;
      });
    };
    do {
      const seeds = Array.from({ length: AT_A_TIME }, (_, index) => runs.length + index + 1);
      runs.push(...(await playPlan(plan, name, seeds)));
    } while (runs.length < MOST && beyond().length > 0);
    for (const { run } of runs) expect(run.violations).toEqual([]);
    expect(beyond()).toEqual([]);
  },
);
