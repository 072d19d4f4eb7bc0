/** Runs one script of `bao` commands against two servers and tells where what a person would see differs. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { baoProgram } from '../program.ts';
import { Normaliser } from './normalise.ts';
import { type Kind, type Make, startFor } from './servers.ts';
import { parseScript, runScript, type Outcome } from './script.ts';

export interface Difference {
  readonly command: string;
  readonly expected: string;
  readonly actual: string;
}

async function outputs(kind: Kind, make: Make, program: string, script: string): Promise<Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'steamer-'));
  await mkdir(join(folder, 'data'));
  const played = await startFor(kind, make, program, folder);
  try {
    return await runScript(parseScript(await readFile(script, 'utf8')), {
      BAO_TOKEN: '',
      HOME: folder,
      WORK: folder,
      PATH: `${dirname(program)}:${process.env['PATH'] ?? ''}`,
      ...played.environment,
    });
  } finally {
    await played.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Only what is not volatile is compared; an empty list means that a person could not tell the servers apart. */
export async function compareScript(
  script: string,
  kind: Kind,
  [left, right]: readonly [Make, Make] = ['theirs', 'ours'],
  version = '2.7.2',
): Promise<Difference[]> {
  const [expected, actual] = await Promise.all([left, right].map((make) => playScript(script, kind, make, version)));
  return expected!.flatMap(({ command, text }, index) =>
    text === actual![index]!.text ? [] : [{ command, expected: text, actual: actual![index]!.text }],
  );
}

/** What each command printed, without what is volatile. */
export async function playScript(script: string, kind: Kind, make: Make, version = '2.7.2'): Promise<Printed[]> {
  return printed(await outputs(kind, make, await baoProgram(version), script));
}

interface Printed {
  readonly command: string;
  readonly text: string;
}

function printed(outcomes: readonly Outcome[]): Printed[] {
  const names = new Normaliser();
  return outcomes.map(({ command, exit, output }) => {
    // Right after the last share a lone server is standby or active already: who wins is nobody's promise.
    const steady = command.includes('operator unseal')
      ? output.replace(/^(HA (Cluster|Mode)|Active Since) .*\n/gm, '')
      : output;
    return { command, text: `exit ${exit}\n${names.text(steady)}` };
  });
}
