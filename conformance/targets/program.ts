/** A server program of its own: real `bao`, or ours. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VERSION } from '../../core/server/profile.ts';
import type { ServerKind } from '../case.ts';
import { RealCluster } from '../cluster.ts';
import { baoProgram, freePort, startProgram } from '../program.ts';
import { inmemConfig, raftConfig } from './config.ts';
import type { Running, Target } from './target.ts';

const steamer = fileURLToPath(new URL('../../bin/steamer.ts', import.meta.url));

/** The words that start our program. */
export const oursCommand: readonly string[] = [process.execPath, steamer];

export const oursAsProgram = (): Target => programTarget('ours:program', VERSION, oursCommand);

/** Rejects with Missing where it cannot be had. */
export const realProgram = async (version: string): Promise<Target> =>
  programTarget(`program:${version}`, version, [await baoProgram(version)]);

const programTarget = (name: string, version: string, command: readonly string[]): Target => ({
  name,
  kinds: ['dev', 'bare', 'raft', 'cluster', 'shares', 'auto'],
  start: (kind) => start(command, version, kind),
  close: () => Promise.resolve(),
});

async function start([program, ...head]: readonly string[], version: string, kind: ServerKind): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'steamer-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  if (kind === 'cluster') {
    const cluster = await RealCluster.start({ program: program!, arguments: head, folder, multiplier: 1 });
    const leader = await cluster.healthy();
    const nodes = [leader, ...cluster.nodes.filter((node) => node !== leader)];
    return {
      addresses: nodes.map(({ address }) => address),
      token: cluster.token,
      version,
      alive: () => true,
      stop: async () => {
        await cluster.stop();
        await remove();
      },
    };
  }
  const port = await freePort();
  const config = join(folder, 'config.hcl');
  const data = join(folder, 'data');
  await mkdir(data);
  if (kind !== 'dev')
    await writeFile(config, kind === 'raft' ? raftConfig(data, port, await freePort()) : inmemConfig(kind, port));
  const flags =
    kind === 'dev'
      ? ['-dev', '-dev-root-token-id=root', `-dev-listen-address=127.0.0.1:${port}`, '-dev-no-store-token']
      : [`-config=${config}`];
  const server = await startProgram(program!, [...head, 'server', ...flags], port);
  return {
    addresses: [server.address],
    token: kind === 'dev' ? 'root' : '',
    version,
    alive: () => server.process.exitCode === null && server.process.signalCode === null,
    stop: async () => {
      await server.stop();
      await remove();
    },
  };
}
