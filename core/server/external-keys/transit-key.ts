/** A key of another server's transit engine: whatever it is to do is sent there. */
import { Base64Error, decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { quote } from '../../codec/go-quote.ts';
import { kindOf } from '../../codec/json-value.ts';
import { isObject, JsonError, type JsonObject, type JsonValue } from '../../codec/json.ts';
import type { HashName } from '../../crypto/crypto.ts';
import type { PublicKey, RemoteKey, RemoteSigning } from '../../crypto/keys/key.ts';
import { parseSpki } from '../../crypto/keys/public-container.ts';
import { isMalformed } from '../../crypto/x509/error.ts';
import { Fault } from '../../fault.ts';
import { ExternalKeyProblem, type ExternalKey } from '../../framework/external-key.ts';
import { CLIENT_HASHES } from '../../framework/tools.ts';
import type { OutgoingTls, Runtime } from '../../runtime.ts';
import { BaoClient } from '../seal/bao-client.ts';
import { checkBoth, decodedConfig, decodedKey } from './transit.ts';

/** What transit calls it; undefined where the plugin knows none. */
const clientName = (hash: HashName): string | undefined =>
  Object.keys(CLIENT_HASHES).find((name) => CLIENT_HASHES[name] === hash);

export class TransitKey implements ExternalKey {
  readonly #reference: string;
  readonly #client: BaoClient;
  readonly #mount: string;
  readonly #name: string;
  readonly #version: string;

  /** The reference is what the key is known by here. Throws ExternalKeyError when the parameters are wrong. */
  constructor(runtime: Runtime, reference: string, config: JsonObject, key: JsonObject) {
    checkBoth(config, key);
    const { address = '', token = '', namespace = '', mount_path: mount = '', ...rest } = decodedConfig(config);
    const { name = '', version = '' } = decodedKey(key);
    this.#reference = reference;
    this.#client = new BaoClient(runtime, { address: address.replace(/\/$/, ''), token, namespace, tls: tlsOf(rest) });
    this.#mount = mount.replace(/\/$/, '');
    this.#name = name;
    this.#version = version;
  }

  async signer(): Promise<RemoteKey> {
    const publicKey = await explained('error building signer: ', () => this.#publicKey());
    return { kind: 'remote', reference: this.#reference, publicKey, sign: (input, how) => this.sign(input, how) };
  }

  async encrypt(plaintext: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array> {
    const body = { key_version: this.#version, plaintext: encodeBase64(plaintext), ...associated(associatedData) };
    return this.#versioned('ciphertext', await this.#write('encrypt', body));
  }

  async decrypt(ciphertext: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array> {
    const body = { ciphertext: this.#named(ciphertext), ...associated(associatedData) };
    return decoded('plaintext', text('plaintext', await this.#write('decrypt', body)));
  }

  async sign(input: Uint8Array, how: RemoteSigning): Promise<Uint8Array> {
    const body = { input: encodeBase64(input), key_version: this.#version, ...signing(how) };
    return this.#versioned('signature', await this.#write('sign', body));
  }

  async verify(input: Uint8Array, signature: Uint8Array, how: RemoteSigning): Promise<boolean> {
    const body = { input: encodeBase64(input), signature: this.#named(signature), ...signing(how) };
    const { valid } = await this.#write('verify', body);
    if (typeof valid !== 'boolean') throw expected("response to include 'valid' field of type bool");
    return valid;
  }

  async #publicKey(): Promise<PublicKey> {
    const path = `${this.#mount}/export/public-key/${this.#name}/${this.#version}?format=der`;
    const { keys } = dataOf(await this.#client.read(path));
    if (!isObject(keys)) throw expected("response to include 'keys' field of type object");
    const shown = Object.values(keys);
    if (shown.length !== 1) throw expected(`exactly one key, got ${shown.length}`);
    if (typeof shown[0] !== 'string') throw expected('public key data of type string');
    return parseSpki(decodeBase64(shown[0]));
  }

  #write(operation: string, body: JsonObject): Promise<JsonObject> {
    return explained('', async () =>
      dataOf(await this.#client.write(`${this.#mount}/${operation}/${this.#name}`, body)),
    );
  }

  #named(bytes: Uint8Array): string {
    return `vault:v${this.#version}:${encodeBase64(bytes)}`;
  }

  /** What comes as `vault:v<version>:<base64>`, of the version that was asked. */
  #versioned(name: string, data: JsonObject): Uint8Array {
    const [, version = '', ...rest] = text(name, data).split(':');
    if (rest.length === 0) throw expected(`${name} to split into 3 parts, got ${version === '' ? 1 : 2}`);
    const bytes = decoded(name, rest.join(':'));
    const number = version.slice(1);
    if (!/^\d+$/.test(number)) {
      throw new ExternalKeyProblem(`parse key version: strconv.ParseUint: parsing ${quote(number)}: invalid syntax`);
    }
    if (BigInt(number) !== BigInt(this.#version)) {
      throw expected(`used key version to match configured version ${this.#version}, got ${BigInt(number)}`);
    }
    return bytes;
  }
}

const expected = (what: string): ExternalKeyProblem => new ExternalKeyProblem(`expected ${what}`);

function text(name: string, data: JsonObject): string {
  const value = data[name];
  if (typeof value !== 'string') throw expected(`response to include '${name}' field of type string`);
  return value;
}

function decoded(name: string, base64: string): Uint8Array {
  try {
    return decodeBase64(base64);
  } catch (error) {
    if (!(error instanceof Base64Error)) throw error;
    throw new ExternalKeyProblem(`decode ${name}: ${error.message}`);
  }
}

function dataOf({ data = null }: JsonObject): JsonObject {
  if (data === null) return {};
  if (isObject(data)) return data;
  throw new ExternalKeyProblem(
    `json: cannot unmarshal ${kindOf(data)} into Go struct field Secret.data of type map[string]interface {}`,
  );
}

const associated = (data: Uint8Array): JsonObject => (data.length === 0 ? {} : { associated_data: encodeBase64(data) });

function signing({ hash, salt }: RemoteSigning): JsonObject {
  const name = hash === undefined ? undefined : clientName(hash);
  if (hash !== undefined && name === undefined) {
    throw new ExternalKeyProblem(`unsupported hash function: ${hash === 'sha1' ? 'SHA-1' : hash}`);
  }
  const padding: Record<string, JsonValue> =
    salt === undefined ? { signature_algorithm: 'pkcs1v15' } : { salt_length: salt };
  return { prehashed: name !== undefined, ...(name === undefined ? {} : { hash_algorithm: name }), ...padding };
}

/** What the other server answers is somebody else's: whatever is wrong with it is told. */
async function explained<T>(before: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isTold(error)) throw error;
    throw new ExternalKeyProblem(`${before}${error.message}`);
  }
}

const isTold = (error: unknown): error is Error =>
  error instanceof Fault ||
  error instanceof JsonError ||
  error instanceof Base64Error ||
  error instanceof ExternalKeyProblem ||
  isMalformed(error);

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
