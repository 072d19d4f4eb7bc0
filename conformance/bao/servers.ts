/** The servers that scripts of `bao` commands are played to. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort, startProgram, type Server } from '../program.ts';

/**
 * 'dev': an unsealed dev server with root token `root` ($PROXY and its $PORT are free for the script); 'raft': an
 * uninitialised one with a data folder of its own; 'configured': the same with TLS besides ($TLS, $WORK/cert.pem), an
 * audit file, headers and limits; 'own': none, the script starts its servers itself ($SERVER, and ports $PORT1,
 * $CLUSTER1 …).
 */
export type Kind = 'dev' | 'raft' | 'configured' | 'own';

export type Make = 'ours' | 'theirs';

const steamer = fileURLToPath(new URL('../../bin/steamer.ts', import.meta.url));

/** What a script is played to. */
export interface Played {
  /** How the script reaches it. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Starts a fresh server of either make, or nothing where the script does. */
export async function startFor(kind: Kind, make: Make, program: string, folder: string): Promise<Played> {
  const command = make === 'ours' ? process.execPath : program;
  const head = make === 'ours' ? [steamer, 'server'] : ['server'];
  if (kind === 'own') return { environment: await ownEnvironment([command, ...head]), stop: () => Promise.resolve() };
  const port = await freePort();
  const started = (server: Server, environment: Played['environment']): Played => ({
    environment: { BAO_ADDR: server.address, ...environment },
    stop: () => server.stop(),
  });
  if (kind === 'dev') {
    const flags = ['-dev', '-dev-root-token-id=root', `-dev-listen-address=127.0.0.1:${port}`, '-dev-no-store-token'];
    const own = await freePort();
    return started(await startProgram(command, [...head, ...flags], port), {
      BAO_TOKEN: 'root',
      PORT: String(own),
      PROXY: `http://127.0.0.1:${own}`,
    });
  }
  const config = join(folder, 'config.hcl');
  const raft = raftConfig(join(folder, 'data'), port, await freePort());
  const more = kind === 'configured' ? await moreConfig(folder, await freePort()) : { text: '', tls: '' };
  await writeFile(config, raft + more.text);
  return started(await startProgram(command, [...head, `-config=${config}`], port), {
    TLS: more.tls,
    PORT: String(await freePort()),
  });
}

/** Ports for four nodes, and how one is started. */
async function ownEnvironment(server: readonly string[]): Promise<Record<string, string>> {
  const environment: Record<string, string> = { SERVER: server.join(' ') };
  for (let node = 1; node <= 4; node += 1) {
    environment[`PORT${node}`] = String(await freePort());
    environment[`CLUSTER${node}`] = String(await freePort());
  }
  return environment;
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
