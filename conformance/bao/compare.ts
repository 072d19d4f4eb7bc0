/** Runs one script of `bao` commands against two servers and tells where what a person would see differs. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { baoProgram, freePort, startProgram, type Server } from '../program.ts';
import { Normaliser } from './normalise.ts';
import { parseScript, runScript, type Outcome } from './script.ts';

export interface Difference {
  readonly command: string;
  readonly expected: string;
  readonly actual: string;
}

/**
 * 'dev': an unsealed dev server with root token `root`; 'raft': an uninitialised one with a data folder of its own;
 * 'configured': the same with TLS besides ($TLS, $WORK/cert.pem), an audit file, headers and limits.
 */
export type Kind = 'dev' | 'raft' | 'configured';

const steamer = fileURLToPath(new URL('../../bin/steamer.ts', import.meta.url));

type Started = Server & { readonly tls?: string };

/** Starts a fresh server of either make. */
async function start(kind: Kind, make: Make, program: string, folder: string): Promise<Started> {
  const port = await freePort();
  const command = make === 'ours' ? process.execPath : program;
  const head = make === 'ours' ? [steamer, 'server'] : ['server'];
  if (kind === 'dev') {
    const flags = ['-dev', '-dev-root-token-id=root', `-dev-listen-address=127.0.0.1:${port}`, '-dev-no-store-token'];
    return startProgram(command, [...head, ...flags], port);
  }
  const config = join(folder, 'config.hcl');
  const raft = raftConfig(join(folder, 'data'), port, await freePort());
  const more = kind === 'configured' ? await moreConfig(folder, await freePort()) : { text: '', tls: '' };
  await writeFile(config, raft + more.text);
  return { ...(await startProgram(command, [...head, `-config=${config}`], port)), tls: more.tls };
}

/** What most servers outside of tests have: TLS, an audit device, limits of their own. */
async function moreConfig(folder: string, port: number): Promise<{ text: string; tls: string }> {
  const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  await promisify(execFile)('openssl', [...made, ...names, '-keyout', key, '-out', certificate]);
  const text = `
listener "tcp" {
  address = "127.0.0.1:${port}"
  tls_cert_file = "${certificate}"
  tls_key_file = "${key}"
  max_request_json_strings = 20
  custom_response_headers { "default" = { "X-Here" = ["configured"] } }
}
audit "file" "to-file" {
  description = "declared"
  options { file_path = "${join(folder, 'audit.log')}" }
}
default_lease_ttl = "1h"
max_lease_ttl = "24h"
disable_cache = true
unsafe_allow_api_audit_creation = true
enable_response_header_raft_node_id = true
log_level = "debug"
`;
  return { text, tls: `https://127.0.0.1:${port}` };
}

const raftConfig = (path: string, port: number, clusterPort: number): string => `
storage "raft" {
  path = "${path}"
  node_id = "n1"
  performance_multiplier = 1
}
listener "tcp" {
  address = "127.0.0.1:${port}"
  tls_disable = true
}
api_addr = "http://127.0.0.1:${port}"
cluster_addr = "https://127.0.0.1:${clusterPort}"
cluster_name = "c1"
`;

async function outputs(kind: Kind, make: Make, program: string, script: string): Promise<Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'steamer-'));
  await mkdir(join(folder, 'data'));
  const server = await start(kind, make, program, folder);
  try {
    return await runScript(parseScript(await readFile(script, 'utf8')), {
      BAO_ADDR: server.address,
      BAO_TOKEN: kind === 'dev' ? 'root' : '',
      HOME: folder,
      WORK: folder,
      TLS: server.tls ?? '',
      ...(await freeAddress()),
      PATH: `${dirname(program)}:${process.env['PATH'] ?? ''}`,
    });
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** For what a script starts itself: $PORT, and $PROXY as clients reach it. */
async function freeAddress(): Promise<{ PORT: string; PROXY: string }> {
  const port = await freePort();
  return { PORT: String(port), PROXY: `http://127.0.0.1:${port}` };
}

export type Make = 'ours' | 'theirs';

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
