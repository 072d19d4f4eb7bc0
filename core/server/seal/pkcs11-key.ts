/** Finding a seal's key in a token: one secret key, or a private one with its public half. */
import { failure } from '../../fault.ts';
import type { RsaPublicKey } from '../../crypto/crypto.ts';
import { CKA, CKO, type Pkcs11Handle, type Pkcs11Module } from './pkcs11-module.ts';

export interface Found {
  readonly handle: Pkcs11Handle;
  /** CKO_… */
  readonly class: number;
  /** CKK_… */
  readonly type: number;
  readonly encrypt: boolean;
  readonly decrypt: boolean;
  /** Of a private key, its public half. */
  readonly pair?: Found;
}

/** What may be asked of an object of each class: of others it would be an error. */
const usages: ReadonlyMap<number, readonly number[]> = new Map([
  [CKO.secretKey, [CKA.encrypt, CKA.decrypt]],
  [CKO.privateKey, [CKA.decrypt]],
  [CKO.publicKey, [CKA.encrypt]],
]);

/** Throws a Fault, or what the module says. */
export async function findKey(
  module: Pkcs11Module,
  session: Pkcs11Handle,
  wanted: ReadonlyMap<number, Uint8Array>,
): Promise<Found> {
  const objects = await module.find(session, wanted);
  if (objects.length === 0) throw failure('no key found');
  const keys: Found[] = [];
  for (const object of objects) keys.push(await describe(module, session, object));
  const [first, second] = keys;
  if (second === undefined) {
    if (first!.class === CKO.secretKey) return first!;
    const what = `expected a secret key (class ${CKO.secretKey}) but got class ${first!.class}`;
    throw failure(`found a single object, ${what}`);
  }
  const secret = keys.find((key) => key.class === CKO.privateKey);
  const open = keys.find((key) => key.class === CKO.publicKey);
  if (secret === undefined || open === undefined) {
    const what = `expected public/private key pair (class ${CKO.publicKey} and ${CKO.privateKey})`;
    throw failure(`found two objects, ${what} but got class ${first!.class} and ${second.class}`);
  }
  if (secret.type !== open.type) {
    throw failure(`private key type does not match public key type (${secret.type} vs ${open.type})`);
  }
  return { ...secret, pair: open };
}

async function describe(module: Pkcs11Module, session: Pkcs11Handle, handle: Pkcs11Handle): Promise<Found> {
  const [kind, type] = (await module.attributes(session, handle, [CKA.class, CKA.keyType])).map(numberOf);
  const asked = usages.get(kind!);
  if (asked === undefined) throw failure(`found unsupported object of class ${kind}`);
  const values = await module.attributes(session, handle, asked);
  const allowed = new Set(asked.filter((_, at) => numberOf(values[at]!) === 1));
  return { handle, class: kind!, type: type!, encrypt: allowed.has(CKA.encrypt), decrypt: allowed.has(CKA.decrypt) };
}

/** A CK_ULONG or a CK_BBOOL, as the machines that run this keep them: the least byte first. */
const numberOf = (bytes: Uint8Array): number => bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);

export async function publicKeyOf(
  module: Pkcs11Module,
  session: Pkcs11Handle,
  handle: Pkcs11Handle,
): Promise<RsaPublicKey> {
  const [modulus, exponent] = await module.attributes(session, handle, [CKA.modulus, CKA.publicExponent]);
  const big = exponent!.toReversed();
  return { modulus: modulus!.subarray(modulus!.findIndex((byte) => byte !== 0)), exponent: numberOf(big) };
}
