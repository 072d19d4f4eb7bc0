/** Runs one script of `bao` commands against two servers and tells where what a person would see differs. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { baoProgram, freePort, startProgram, type Server } from '../program.ts';
import { Normaliser } from './normalise.ts';
import { parseScript, runScript, type Outcome } from './script.ts';

export interface Difference {
  readonly command: string;
  readonly theirs: string;
  readonly ours: string;
}

/** 'dev': an unsealed dev server with root token `root`; 'raft': an uninitialised one with a data folder of its own. */
export type Kind = 'dev' | 'raft';

const steamer = fileURLToPath(new URL('../../bin/steamer.ts', import.meta.url));

/** Starts a fresh server of either make. */
async function start(kind: Kind, make: 'ours' | 'theirs', program: string, folder: string): Promise<Server> {
  const port = await freePort();
  const command = make === 'ours' ? process.execPath : program;
  const head = make === 'ours' ? [steamer, 'server'] : ['server'];
  if (kind === 'dev') {
    const flags = ['-dev', '-dev-root-token-id=root', `-dev-listen-address=127.0.0.1:${port}`, '-dev-no-store-token'];
    return startProgram(command, [...head, ...flags], port);
  }
  const config = join(folder, `${make}.hcl`);
  const text = [
    `storage "raft" { path = "${join(folder, make)}" node_id = "n1" performance_multiplier = 1 }`,
    `listener "tcp" { address = "127.0.0.1:${port}" tls_disable = true }`,
    `api_addr = "http://127.0.0.1:${port}"`,
    `cluster_addr = "https://127.0.0.1:${await freePort()}"`,
    'cluster_name = "c1"',
  ];
  await writeFile(
    config,
    text
      .join('\n')
      .replaceAll(
        /\{ (.*) \}/g,
        (_, body: string) =>
          `{\n${body.replaceAll(/" (?=\w+ =)/g, '"\n').replaceAll(/(\d|true) (?=\w+ =)/g, '$1\n')}\n}`,
      ),
  );
  return startProgram(command, [...head, `-config=${config}`], port);
}

async function outputs(kind: Kind, make: 'ours' | 'theirs', program: string, script: string): Promise<Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'steamer-'));
  const { mkdir } = await import('node:fs/promises');
  await mkdir(join(folder, make));
  const server = await start(kind, make, program, folder);
  try {
    return await runScript(parseScript(await readFile(script, 'utf8')), {
      BAO_ADDR: server.address,
      BAO_TOKEN: kind === 'dev' ? 'root' : '',
      HOME: folder,
      WORK: folder,
      PATH: `${dirname(program)}:${process.env['PATH'] ?? ''}`,
    });
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Only what is not volatile is compared; an empty list means that a person could not tell the servers apart. */
export async function compareScript(script: string, kind: Kind, version = '2.7.2'): Promise<Difference[]> {
  const program = await baoProgram(version);
  const theirs = await outputs(kind, 'theirs', program, script);
  const ours = await outputs(kind, 'ours', program, script);
  const theirNames = new Normaliser();
  const ourNames = new Normaliser();
  return theirs.flatMap((outcome, index) => {
    const left = `exit ${outcome.exit}\n${theirNames.text(outcome.output)}`;
    const right = `exit ${ours[index]!.exit}\n${ourNames.text(ours[index]!.output)}`;
    return left === right ? [] : [{ command: outcome.command, theirs: left, ours: right }];
  });
}
