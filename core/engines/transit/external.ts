/** Keys that another server keeps: which one a version names, and what it is asked to do. */
import { encodeBase64 } from '../../codec/base64.ts';
import { failure, refuse, type Fault } from '../../fault.ts';
import { ExternalKeyProblem, type ExternalKey } from '../../framework/external-key.ts';
import type { SystemView } from '../../framework/logical.ts';
import { checkUsable, encryptionVersion, parseCiphertext } from './cipher.ts';
import { versionOf, type Policy } from './policy.ts';
import {
  parseSignature,
  signatureText,
  signingVersion,
  toSign,
  type Signature,
  type SignatureOptions,
} from './signature.ts';
import type { TransitCall } from './call.ts';
import { versionedText } from './versioned-text.ts';

type Refusal = (message: string) => Fault;

/** The words of another server decide no status. */
const clients: Refusal = (message) => refuse(message, 400);
const servers: Refusal = (message) => failure(message, 500);

/** Upstream takes a server that does not encrypt for the client's mistake, and one that does not sign for its own. */
async function asked<T>(what: string, refusal: Refusal, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof ExternalKeyProblem ? refusal(`${what}: ${error.message}`) : error;
  }
}

/** Refuses a key that is not known, or not granted to this mount. */
export async function checkReference(reference: string, system: SystemView): Promise<void> {
  await asked('failed to fetch external key', clients, () => system.externalKey(reference));
}

const keyOf = (policy: Policy, number: number, { system }: TransitCall, what: string, refusal: Refusal) =>
  asked(`${what} failed to fetch external key`, refusal, (): Promise<ExternalKey> =>
    system.externalKey(versionOf(policy, number, refusal).externalKeyRef),
  );

export async function encryptElsewhere(
  call: TransitCall,
  policy: Policy,
  version: number,
  plaintext: Uint8Array,
  associatedData: Uint8Array,
): Promise<string> {
  checkUsable(policy);
  const number = encryptionVersion(policy, version);
  const key = await keyOf(policy, number, call, 'factory[0]', clients);
  const sealed = await asked('failed to encrypt with external key', clients, () =>
    key.encrypt(plaintext, associatedData),
  );
  return versionedText(number, encodeBase64(sealed));
}

export async function decryptElsewhere(
  call: TransitCall,
  policy: Policy,
  text: string,
  associatedData: Uint8Array,
): Promise<Uint8Array> {
  checkUsable(policy);
  const { number, bytes } = parseCiphertext(policy, text);
  const key = await keyOf(policy, number, call, 'factory[0]', clients);
  return asked('failed to decrypt with external key', clients, () => key.decrypt(bytes, associatedData));
}

/** Here the input is hashed at most; 'none' leaves that to the other server. */
const remotely = ({ hash, algorithm, saltLength }: SignatureOptions) => ({
  ...(hash === 'none' ? {} : { hash }),
  ...(algorithm === '' || algorithm === 'pss' ? { salt: saltLength } : {}),
});

export async function signElsewhere(
  call: TransitCall,
  policy: Policy,
  version: number,
  input: Uint8Array,
  options: SignatureOptions,
): Promise<Signature> {
  checkUsable(policy, failure);
  const number = signingVersion(policy, version);
  const key = await keyOf(policy, number, call, 'factory', servers);
  const message = toSign(call.runtime.crypto, input, options);
  const bytes = await asked('failed to sign with external key', servers, () => key.sign(message, remotely(options)));
  return { text: signatureText(number, bytes, options), version: number };
}

export async function verifyElsewhere(
  call: TransitCall,
  policy: Policy,
  input: Uint8Array,
  text: string,
  options: SignatureOptions,
): Promise<boolean> {
  checkUsable(policy);
  const { number, bytes } = parseSignature(policy, text, options.marshaling);
  const key = await keyOf(policy, number, call, 'factory', servers);
  const message = toSign(call.runtime.crypto, input, options);
  return asked('failed to verify with external key', servers, () => key.verify(message, bytes, remotely(options)));
}
