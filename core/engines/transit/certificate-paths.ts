/** Certificates of a signing key: the request for one, and the chain that came of it. */
import { noBytes } from '../../codec/bytes.ts';
import { der } from '../../codec/der.ts';
import { decodePem } from '../../codec/pem.ts';
import { publicKeyOf, samePublicKey, type PublicKey } from '../../crypto/keys/key.ts';
import { usualAlgorithm } from '../../crypto/x509/algorithm.ts';
import { parseCertificate, type Certificate } from '../../crypto/x509/certificate.ts';
import { isMalformed } from '../../crypto/x509/error.ts';
import { makeRequest, parseRequest, requestPem, rewrittenAttributes } from '../../crypto/x509/request.ts';
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { transitPaths, type TransitCall } from './call.ts';
import { signs } from './key-type.ts';
import { privateKeyOf, publicKeyOfVersion } from './material.ts';
import { versionOf, type Policy } from './policy.ts';

async function signingKey(name: string, call: TransitCall): Promise<Policy> {
  const policy = await call.state.get(name, call.storage);
  if (policy === undefined) throw refuse(`key with provided name '${name}' not found`);
  if (!signs(policy.type)) throw refuse(`key type '${policy.type.name}' does not support signing`);
  if (policy.derived) throw refuse('operation not supported for keys with derivation enabled');
  return policy;
}

/** Who says nothing means the latest; who says 0 means none that there is. */
const numberOf = (policy: Policy, asked: number | undefined): number => asked ?? policy.latestVersion;

/** What a request says that its key does not decide, as it was encoded. */
function templateOf(pem: string): { readonly rawSubject: Uint8Array; readonly rawAttributes: Uint8Array } {
  if (pem === '') return { rawSubject: der.sequence(), rawAttributes: noBytes };
  const found = decodePem(pem);
  if (found === undefined) throw refuse('could not decode PEM CSR');
  try {
    return parseRequest(found.block.bytes);
  } catch (error) {
    throw isMalformed(error) ? refuse(error.message) : error;
  }
}

async function request(
  input: { readonly name: string; readonly version: number | undefined; readonly csr: string },
  call: TransitCall,
): Promise<Answer> {
  const policy = await signingKey(input.name, call);
  const template = templateOf(input.csr);
  const problem = (why: string) => refuse(`could not create the csr: ${why}`);
  const version = versionOf(policy, numberOf(policy, input.version), problem);
  if (policy.type.kind === 'external') {
    throw failure(`could not create the csr: selected key type '${policy.type.name}' does not support signing`);
  }
  const key = privateKeyOf(policy.type, version);
  if (key === undefined) throw problem('private key not imported for key version selected');
  const { crypto } = call.runtime;
  const { rawSubject, rawAttributes } = template;
  const algorithm = usualAlgorithm(publicKeyOf(crypto, key));
  const csr = await makeRequest(
    crypto,
    { rawSubject, extensions: [], attributes: rewrittenAttributes(rawAttributes) },
    { key, algorithm },
    (n) => call.random.bytes(n),
  );
  return { name: policy.name, type: policy.type.name, csr: requestPem(csr) };
}

function chainOf(text: string): Certificate[] {
  const chain: Certificate[] = [];
  for (let rest = text.trim(); rest.trim() !== '';) {
    const found = decodePem(rest);
    if (found === undefined) throw refuse('could not decode a PEM block in the certificate chain');
    rest = found.rest;
    if (found.block.type !== 'CERTIFICATE') continue;
    try {
      chain.push(parseCertificate(found.block.bytes));
    } catch (error) {
      if (!isMalformed(error)) throw error;
      throw refuse(`could not parse a certificate in the certificate chain: ${error.message}`);
    }
  }
  if (chain.length === 0) {
    throw refuse('provided certificate chain did not contain any valid PEM encoded certificate');
  }
  return chain;
}

const PERSIST = 'failed to persist certificate chain';
const ALGORITHMS: Readonly<Record<PublicKey['kind'], string>> = {
  rsa: 'RSA',
  ecdsa: 'ECDSA',
  ed25519: 'Ed25519',
  mldsa: 'ML-DSA',
};

function checkChain(chain: readonly Certificate[]): void {
  if (chain[0]!.isCa) throw refuse(`${PERSIST}: certificate in the first element is not a valid leaf certificate`);
  if (chain.length > 1 && !chain.at(-1)!.isCa) {
    throw refuse(`${PERSIST}: certificate in the last element is not a valid CA certificate`);
  }
}

async function setChain(
  input: { readonly name: string; readonly version: number | undefined; readonly certificate_chain: string },
  call: TransitCall,
): Promise<Answer> {
  const known = await signingKey(input.name, call);
  const chain = chainOf(input.certificate_chain);
  const policy = await call.state.change(known.name, call.storage, (present) => {
    const number = numberOf(present, input.version);
    checkChain(chain);
    const version = versionOf(present, number, (why) => refuse(`${PERSIST}: ${why}`));
    const leaf = chain[0]!.publicKey;
    if (leaf?.kind !== present.type.kind) {
      throw refuse(
        `${PERSIST}: could not validate key match between leaf certificate key and key entry in transit: provided leaf certificate public key algorithm '${leaf === undefined ? '0' : ALGORITHMS[leaf.kind]}' does not match the transit key type '${present.type.name}'`,
      );
    }
    const own = publicKeyOfVersion(call.runtime.crypto, present.type, version);
    if (own === undefined || !samePublicKey(own, leaf)) {
      throw failure(`${PERSIST}: leaf certificate public key does not match the selected key version`);
    }
    const certificateChain = chain.map(({ bytes }) => bytes);
    return { ...present, keys: new Map(present.keys).set(number, { ...version, certificateChain }) };
  });
  if (policy === undefined) throw refuse(`key with provided name '${input.name}' not found`);
  return {
    name: policy.name,
    type: policy.type.name,
    certificate_chain: input.certificate_chain,
  };
}

const name = field.string('Name of the key.', { required: true });
const version = field.int('Version of the key; the latest unless given.');

export const certificatePaths = transitPaths()
  .path(
    'keys/:name/csr',
    'A certificate signing request for a key.',
    { name, version, csr: field.string('A request in PEM, whose subject and extensions are taken.', { always: true }) },
    { update: { about: 'Make a request.', run: request } },
    { id: { prefix: '', verb: 'get', suffix: 'csr' } },
  )
  .path(
    'keys/:name/set-certificate',
    'The certificates of a key.',
    { name, version, certificate_chain: field.string('In PEM, the leaf first.', { required: true }) },
    { update: { about: 'Keep a chain with a version of the key.', run: setChain } },
    { id: { prefix: '', verb: 'set', suffix: 'chain' } },
  );
