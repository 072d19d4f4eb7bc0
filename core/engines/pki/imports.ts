/** Taking in keys and issuers' certificates, once each. */
import { equalBytes, noBytes } from '../../codec/bytes.ts';
import { decodePem } from '../../codec/pem.ts';
import { makeUuid } from '../../codec/uuid.ts';
import { AgreementKeyError } from '../../crypto/keys/key-error.ts';
import type { PrivateKey, SigningKey } from '../../crypto/keys/key.ts';
import { publicKeyOf, samePublicKey } from '../../crypto/keys/key.ts';
import { spkiPem } from '../../crypto/keys/pem.ts';
import {
  containerProblem,
  parsePkcs1,
  parsePkcs8,
  parseSec1,
  type Container,
} from '../../crypto/keys/private-container.ts';
import { certificatePem, parseCertificate, type Certificate } from '../../crypto/x509/certificate.ts';
import { isMalformed } from '../../crypto/x509/error.ts';
import { KEY_USAGE } from '../../crypto/x509/oids.ts';
import type { Runtime } from '../../runtime.ts';
import { bitOf, certificateOf } from './authority.ts';
import { rebuildChains } from './chains.ts';
import { keyPem, publicOf, typeOf } from './key-spec.ts';
import type { Issuer, Key } from './model.ts';
import { serialText } from './show.ts';
import type { PkiStore } from './store.ts';

/** Why something cannot be taken in, in upstream's words. */
export class ImportProblem extends Error {}

const newId = ({ random }: Runtime): string => makeUuid((length) => random.bytes(length));

/** Any of the containers, whatever the block calls itself. */
export function parseKeyBlock(pem: string): PrivateKey {
  const found = decodePem(pem);
  if (found === undefined) throw new ImportProblem('failed to parse PEM block: no PEM data found');
  const { bytes } = found.block;
  const read: readonly (readonly [container: Container, parse: () => PrivateKey])[] = [
    ['EC', () => ({ kind: 'ecdsa', key: parseSec1(bytes) })],
    ['PKCS1', () => ({ kind: 'rsa', key: parsePkcs1(bytes) })],
    ['PKCS8', () => parsePkcs8(bytes)],
  ];
  const problems: string[] = [];
  for (const [container, parse] of read) {
    try {
      return parse();
    } catch (error) {
      if (error instanceof AgreementKeyError) throw new ImportProblem('unknown type for parsed PKCS8 Private Key');
      if (!isMalformed(error)) throw error;
      problems.push(`${problems.length + 1}. ${containerProblem(bytes, container, error)}`);
    }
  }
  throw new ImportProblem(`got errors attempting to parse DER private key:\n${problems.join('\n')}`);
}

export interface Taken<T> {
  readonly entry: T;
  readonly existing: boolean;
}

function newKey(runtime: Runtime, key: SigningKey, name: string): Key {
  const [id, type] = [newId(runtime), typeOf(key)];
  if (key.kind !== 'remote') return { id, name, type, privateKey: keyPem(runtime.crypto, key) };
  const external = { reference: key.reference, type, publicKey: spkiPem(key.publicKey) };
  return { id, name, type: 'external-key', privateKey: '', external };
}

/** Issuers that were waiting for this key get it. */
export async function takeKey(store: PkiStore, runtime: Runtime, key: SigningKey, name: string): Promise<Taken<Key>> {
  const { crypto } = runtime;
  const publicKey = publicKeyOf(crypto, key);
  const known = await store.allKeys();
  for (const entry of known) {
    if (samePublicKey(publicOf(crypto, entry), publicKey)) return { entry, existing: true };
  }
  const entry = newKey(runtime, key, name);
  await store.keys.put(entry.id, entry);
  for (const issuer of await store.allIssuers()) {
    const own = certificateOf(issuer).publicKey;
    if (issuer.keyId !== '' || own === undefined || !samePublicKey(own, publicKey)) continue;
    await store.issuers.put(issuer.id, { ...issuer, keyId: entry.id });
    await becomeDefault(store, issuer.id);
  }
  if (known.length === 0 || (await store.defaultKey()) === '') await store.putDefaultKey(entry.id);
  return { entry, existing: false };
}

async function becomeDefault(store: PkiStore, id: string): Promise<void> {
  const config = await store.issuersConfig();
  if (config.default === '') await store.putIssuersConfig({ ...config, default: id });
}

function read<T>(what: () => T): T {
  try {
    return what();
  } catch (error) {
    throw isMalformed(error) ? new ImportProblem(error.message) : error;
  }
}

const UNKNOWN_KEY =
  'Refusing to import CA certificate with empty PublicKey. This usually means the SubjectPublicKeyInfo field has an OID not recognized by Go, such as 1.2.840.113549.1.1.10 for rsaPSS.';

/** Throws ImportProblem. */
export function parseIssuer(pem: string): Certificate {
  const found = decodePem(pem);
  const certificate = read(() => parseCertificate(found?.block.bytes ?? noBytes));
  if (!certificate.isCa) throw new ImportProblem('Refusing to import non-CA certificate');
  if (certificate.publicKey === undefined) throw new ImportProblem(UNKNOWN_KEY);
  return certificate;
}

/** So often a certificate may be issued anew for the same name and key: whoever looks for chains tries all ways. */
const MOST_REISSUED = 6;

function refuseReissued(certificate: Certificate, others: readonly Certificate[]): void {
  const { rawSubject, rawIssuer, publicKey } = certificate;
  if (!equalBytes(rawSubject, rawIssuer)) return;
  const same = others.filter(
    (other) =>
      equalBytes(other.rawSubject, rawSubject) &&
      equalBytes(other.rawIssuer, rawIssuer) &&
      other.publicKey !== undefined &&
      samePublicKey(other.publicKey, publicKey!),
  );
  if (same.length < MOST_REISSUED) return;
  throw new ImportProblem(`error building issuer chains: excessively reissued certificate: ${same.length + 1} entries`);
}

const ALL_USAGES = bitOf('issuing-certificates') | bitOf('crl-signing') | bitOf('ocsp-signing');

/** With the key that is known for it, if one is. Throws ImportProblem. */
export async function takeIssuer(
  store: PkiStore,
  runtime: Runtime,
  certificate: Certificate,
  name: string,
): Promise<Taken<Issuer>> {
  const known = await store.allIssuers();
  for (const entry of known) {
    if (equalBytes(certificateOf(entry).bytes, certificate.bytes)) return { entry, existing: true };
  }
  refuseReissued(certificate, known.map(certificateOf));
  const keys = await store.allKeys();
  const key = keys.find((one) => samePublicKey(publicOf(runtime.crypto, one), certificate.publicKey!));
  const signsLists = ((certificate.keyUsage ?? 0) & KEY_USAGE.CRLSign) !== 0;
  const entry: Issuer = {
    id: newId(runtime),
    name,
    keyId: key?.id ?? '',
    certificate: certificatePem(certificate.bytes),
    caChain: [],
    manualChain: [],
    serialNumber: serialText(certificate.serial),
    leafNotAfterBehavior: 'err',
    usage: signsLists ? ALL_USAGES : ALL_USAGES & ~bitOf('crl-signing'),
    revocationAlgorithm: undefined,
    revoked: false,
    revokedAt: 0,
    urls: undefined,
    lastModified: runtime.clock.wall(),
  };
  await store.issuers.put(entry.id, entry);
  await rebuildChains(store, runtime.crypto);
  if (key !== undefined) await becomeDefault(store, entry.id);
  return { entry: (await store.issuers.get(entry.id))!, existing: false };
}
