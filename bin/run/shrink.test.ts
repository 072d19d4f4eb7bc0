import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

/** Each of them was found by the first. */
const SEEDS = 8;

const root = fileURLToPath(new URL('../../', import.meta.url));
// Capsules are written below the working folder.
const folder = mkdtempSync(join(tmpdir(), 'steamer-shrink-'));
symlinkSync(join(root, 'scenarios'), join(folder, 'scenarios'));
afterAll(() => rmSync(folder, { recursive: true }));

const steamer = (
  ...words: string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'bin/steamer.ts'), ...words], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });

/** How many faults were left of how many, and the flags of the line that plays what is left. */
function readShrunk(text: string): { readonly left: number; readonly before: number; readonly again: string[] } {
  const [, left, before] = /^(\d+) of (\d+) faults? (?:is|are) left, after \d+ runs$/m.exec(text) ?? [];
  const [, again] = /^ {4}reproduce: npx steamer (.*)$/m.exec(text) ?? [];
  return { left: Number(left), before: Number(before), again: again!.split(' ') };
}

/** Shrinks what the first seeds find until one has so many faults: a change of the source moves what a seed brings about. */
async function shrinkOneOf(bug: string, file: string, seed: number, least: number): Promise<string> {
  for (let next = seed; next < seed + SEEDS; next++) {
    const { code, stdout } = await steamer('shrink', file, '--seed', String(next), '--bug', bug);
    if (code === 0 && readShrunk(stdout).before >= least) return stdout;
  }
  throw new Error(`no seed of ${SEEDS} finds ${bug} behind ${least} faults`);
}

test.concurrent(
  'what a planted bug ends in takes few of the faults that came before',
  async () => {
    const shrunk = await shrinkOneOf('write-on-deposed-leader', 'scenarios/swarm/elections.scenario.ts', 3, 12);
    const { left, again } = readShrunk(shrunk);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(4);

    // The line that it prints, and the capsule that it writes, end in the same violation.
    const { hash, violations } = JSON.parse((await steamer(...again, '--json')).stdout) as {
      readonly hash: string;
      readonly violations: readonly { readonly checker: string; readonly message: string }[];
    };
    expect(`${violations[0]?.checker}: ${violations[0]?.message}`).toContain('kv is linearizable: secret/data/key-');
    const [, capsule] = /^ {4}capsule: (.*)$/m.exec(shrunk) ?? [];
    const replayed = await steamer('replay', capsule!);
    expect(replayed.stdout).toContain(hash);
    expect(replayed.code).toBe(0);
  },
  300_000,
);

test.concurrent(
  'of a timetable what has nothing to do with it is left out',
  async () => {
    const text = `import { expect, scenario } from ${JSON.stringify(join(root, 'sim/story.ts'))};
scenario('nobody else ever leads', async (sim) => {
  const bao = await sim.cluster({ nodes: 3, multiplier: 1 });
  const [standby] = bao.followers;
  const { leader } = bao;
  sim.at('1s', 'stop a standby', () => bao.pause(standby));
  sim.at('2s', 'let it go on', () => bao.resume(standby));
  sim.at('5s', 'kill the leader', () => bao.kill(leader));
  sim.at('6s', 'start it again', () => bao.restart(leader));
  sim.at('20s', 'break connections', () => sim.network.reset(leader, standby));
  await sim.run('30s');
  expect(sim.elections).toBe(0);
});`;
    writeFileSync(join(folder, 'nobody-else.scenario.ts'), text);
    const { stdout } = await steamer('shrink', 'nobody-else.scenario.ts', '--seed', '5');
    expect(readShrunk(stdout)).toMatchObject({ left: 1, before: 3 });
    expect(stdout).toMatch(/FAULT #2 kill the leader \[n1\]\n/);
    expect(stdout).not.toContain('stop a standby');
    expect(stdout).toMatch(/story +VIOLATION expected 1 to be 0\n/);
    expect(stdout).toMatch(/ --seed 5 --until violation --without 1,3\n/);
  },
  60_000,
);
