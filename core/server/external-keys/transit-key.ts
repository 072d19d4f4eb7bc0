/** A key of another server's transit engine: its public part is read there, and what is to be signed is sent there. */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { asObject, asString } from '../../codec/json-fields.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import type { HashName } from '../../crypto/crypto.ts';
import type { PublicKey, RemoteKey, RemoteSigning } from '../../crypto/keys/key.ts';
import { parseSpki } from '../../crypto/keys/public-container.ts';
import { Fault } from '../../fault.ts';
import { ExternalKeyProblem } from '../../framework/external-key.ts';
import type { OutgoingTls, Runtime } from '../../runtime.ts';
import { BaoClient } from '../seal/bao-client.ts';
import { checkBoth, decodedConfig, decodedKey } from './transit.ts';

const HASHES: Partial<Record<HashName, string>> = { sha256: 'sha2-256', sha384: 'sha2-384', sha512: 'sha2-512' };

/** Rejects with ExternalKeyProblem. The reference is what the key is known by here. */
export async function transitKey(
  runtime: Runtime,
  reference: string,
  config: JsonObject,
  key: JsonObject,
): Promise<RemoteKey> {
  const known = new TransitKey(runtime, config, key);
  const publicKey = await known.publicKey();
  return { kind: 'remote', reference, publicKey, sign: (input, how) => known.sign(input, how) };
}

class TransitKey {
  readonly #client: BaoClient;
  readonly #mount: string;
  readonly #name: string;
  readonly #version: string;

  constructor(runtime: Runtime, config: JsonObject, key: JsonObject) {
    checkBoth(config, key);
    const { address = '', token = '', namespace = '', mount_path: mount = '', ...rest } = decodedConfig(config);
    const { name = '', version = '' } = decodedKey(key);
    this.#client = new BaoClient(runtime, { address: address.replace(/\/$/, ''), token, namespace, tls: tlsOf(rest) });
    this.#mount = mount.replace(/\/$/, '');
    this.#name = name;
    this.#version = version;
  }

  async publicKey(): Promise<PublicKey> {
    const path = `${this.#mount}/export/public-key/${this.#name}/${this.#version}?format=der`;
    const answer = await asked('error building signer', this.#client.read(path));
    const shown = asString(asObject(asObject(answer['data'])?.['keys'])?.[this.#version]);
    // Upstream breaks the connection over a key that is not there.
    if (shown === undefined) throw new ExternalKeyProblem('error building signer: no such key');
    return parseSpki(decodeBase64(shown));
  }

  async sign(input: Uint8Array, { hash, pss = false }: RemoteSigning): Promise<Uint8Array> {
    const body: Record<string, JsonValue> = {
      input: encodeBase64(input),
      key_version: this.#version,
      prehashed: hash !== undefined,
      ...(hash === undefined ? {} : { hash_algorithm: HASHES[hash] ?? hash }),
      ...(pss ? { salt_length: 'hash' } : { signature_algorithm: 'pkcs1v15' }),
    };
    const answer = await asked('', this.#client.write(`${this.#mount}/sign/${this.#name}`, body));
    const signature = asString(asObject(answer['data'])?.['signature'])?.split(':')[2];
    if (signature === undefined) throw new ExternalKeyProblem('no signature returned');
    return decodeBase64(signature);
  }
}

async function asked(what: string, answer: Promise<JsonObject>): Promise<JsonObject> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new ExternalKeyProblem(what === '' ? error.message : `${what}: ${error.message}`);
  }
}

function tlsOf(config: Readonly<Record<string, string>>): OutgoingTls | undefined {
  const given = (name: string): string => config[name] ?? '';
  const [ca, certificate, key] = [
    given('tls_ca_cert_bytes'),
    given('tls_client_cert_bytes'),
    given('tls_client_key_bytes'),
  ];
  const serverName = given('tls_server_name');
  const tls: OutgoingTls = {
    ...(ca === '' ? {} : { ca }),
    ...(certificate === '' ? {} : { certificate, key }),
    ...(serverName === '' ? {} : { serverName }),
    ...(given('tls_skip_verify') === 'true' ? { skipVerify: true } : {}),
  };
  return Object.keys(tls).length === 0 ? undefined : tls;
}
