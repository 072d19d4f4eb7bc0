/** A KMIP server: PyKMIP, installed by package name into the project's cache, with certificates of its own. */
import { execFile, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pipInstalled } from './cached.ts';
import { endGroup } from './fixtures/answering.ts';
import { freePort } from './program.ts';

const VERSION = '0.11.0';
const run = promisify(execFile);

export interface KeyManager {
  /** `host:port` */
  readonly endpoint: string;
  /** Paths of PEM files. */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  /** Ids: good for a seal, of an other algorithm, private without a link to its public key. */
  readonly keys: { readonly aes: string; readonly tripleDes: string; readonly rsa: string };
  stop(): Promise<void>;
}

/** Its files go to `folder`. Throws Missing with one line saying what to install. */
export async function startKeyManager(folder: string): Promise<KeyManager> {
  const packages = await pipInstalled(`pykmip-${VERSION}`, [`pykmip==${VERSION}`]);
  const file = (name: string): string => join(folder, name);
  await certificates(folder);
  await mkdir(file('policy'), { recursive: true });
  const port = await freePort();
  await writeFile(file('server.conf'), configuration(folder, port));
  await writeFile(file('serve.py'), SERVE);
  const server = spawn('python3', ['-W', 'ignore', file('serve.py'), folder, String(port)], {
    env: { ...process.env, PYTHONPATH: packages },
    stdio: ['ignore', 'pipe', 'ignore'],
    // It keeps its policies in a process of its own, which would outlive it: the two are one group.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    endGroup(server.pid!);
    await ended;
  };
  const made = new Promise<KeyManager['keys']>((resolve, reject) => {
    let printed = '';
    server.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.endsWith('\n')) resolve(JSON.parse(printed) as KeyManager['keys']);
    });
    void ended.then(() => reject(new Error(`PyKMIP ended: ${printed}`)));
  });
  const keys = await made.catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    endpoint: `127.0.0.1:${port}`,
    ca: file('ca.crt'),
    certificate: file('client.crt'),
    key: file('client.key'),
    keys,
    stop,
  };
}

async function certificates(folder: string): Promise<void> {
  const openssl = (...words: readonly string[]) => run('openssl', words, { cwd: folder });
  const fresh = ['-newkey', 'rsa:2048', '-nodes'];
  await openssl('req', '-x509', ...fresh, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=ca');
  for (const [name, use] of [
    ['server', 'serverAuth'],
    ['client', 'clientAuth'],
  ] as const) {
    await writeFile(join(folder, 'extensions'), `subjectAltName=IP:127.0.0.1\nextendedKeyUsage=${use}\n`);
    await openssl('req', ...fresh, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'extensions'];
    await openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.crt`, ...signed);
  }
}

/** One cipher suite of TLS 1.2, which is all that PyKMIP speaks, and no default of Go's. */
export const TLS12_CIPHER = 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256';

const configuration = (folder: string, port: number): string => `[server]
hostname=127.0.0.1
port=${port}
certificate_path=${folder}/server.crt
key_path=${folder}/server.key
ca_path=${folder}/ca.crt
auth_suite=TLS1.2
policy_path=${folder}/policy
enable_tls_client_auth=True
tls_cipher_suites=${TLS12_CIPHER}
logging_level=ERROR
database_path=${folder}/keys.sqlite
`;

const SERVE = `import json, os, sys, threading, time
from kmip import enums
from kmip.pie.client import ProxyKmipClient
from kmip.services.server.server import KmipServer
folder, port = sys.argv[1], int(sys.argv[2])
usage = [enums.CryptographicUsageMask.ENCRYPT, enums.CryptographicUsageMask.DECRYPT]
def client():
    return ProxyKmipClient(hostname='127.0.0.1', port=port, cert=folder + '/client.crt', key=folder + '/client.key',
        ca=folder + '/ca.crt', kmip_version=enums.KMIPVersion.KMIP_1_4)
def prepare():
    for attempt in range(100):
        try:
            with client() as kmip:
                aes = kmip.create(enums.CryptographicAlgorithm.AES, 256, name='aes', cryptographic_usage_mask=usage)
                kmip.activate(aes)
                other = kmip.create(enums.CryptographicAlgorithm.TRIPLE_DES, 192, name='3des', cryptographic_usage_mask=usage)
                public, private = kmip.create_key_pair(enums.CryptographicAlgorithm.RSA, 2048,
                    public_usage_mask=usage[:1], private_usage_mask=usage[1:])
            print(json.dumps({'aes': aes, 'tripleDes': other, 'rsa': private}), flush=True)
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError()
# Whoever waits for the keys is not left waiting.
threading.excepthook = lambda problem: os._exit(1) if problem.thread.name == 'prepare' else None
server = KmipServer(config_path=folder + '/server.conf', log_path=folder + '/server.log')
threading.Thread(target=prepare, name='prepare', daemon=True).start()
with server:
    server.serve()
`;
