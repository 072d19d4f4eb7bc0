/** Signing, and verifying of signatures and HMACs, one input or a batch. */
import { quote } from '../../codec/go-quote.ts';
import { encodeBase64 } from '../../codec/base64.ts';
import type { JsonValue } from '../../codec/json.ts';
import { refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { goAtoi } from '../../codec/go-atoi.ts';
import { contextOf, inputOf } from './base64-field.ts';
import { emptyBatch, textItems, type TextItem } from './batch-input.ts';
import { attemptEach, failed, raise, type Failed } from './batch-result.ts';
import { transitPaths, type TransitCall } from './call.ts';
import { signElsewhere, verifyElsewhere } from './external.ts';
import { hashNameOf, transitHash } from './hashes.ts';
import { verifyHmacs } from './hmac-paths.ts';
import { hashesInput, signs } from './key-type.ts';
import type { Policy } from './policy.ts';
import { sign, verify, type SaltLength, type Signature, type SignatureOptions } from './signature.ts';

interface OptionsInput {
  readonly hash_algorithm: string;
  readonly algorithm: string;
  readonly urlalgorithm: string;
  readonly marshaling_algorithm: string;
  readonly signature_algorithm: string;
  readonly salt_length: string;
  readonly prehashed: boolean;
}

function saltLengthOf(text: string): SaltLength {
  if (text === 'auto' || text === 'hash') return text;
  const length = goAtoi(text);
  if (typeof length === 'string') throw refuse(`salt length neither 'auto', 'hash', nor an int: ${text}`);
  if (length < -1) throw refuse(`salt length is invalid: ${length}`);
  // Go's own numbers for the two.
  return length === 0 ? 'auto' : length === -1 ? 'hash' : length;
}

type Form = Pick<SignatureOptions, 'marshaling' | 'saltLength'>;

/** What is looked at before the key is. */
function formOf(input: OptionsInput): Form {
  const { marshaling_algorithm: marshaling } = input;
  if (marshaling !== 'asn1' && marshaling !== 'jws') throw refuse(`invalid marshaling type ${quote(marshaling)}`);
  return { marshaling, saltLength: saltLengthOf(input.salt_length) };
}

function optionsOf(input: OptionsInput, policy: Policy, form: Form): SignatureOptions {
  const { signature_algorithm: algorithm, prehashed } = input;
  const name = hashNameOf(input, policy.type.kind === 'external' ? 'none' : undefined);
  const hash = transitHash(name);
  if (hash === undefined) throw refuse(`invalid hash algorithm ${quote(name)}`);
  if (hash === 'none' && hashesInput(policy.type) && !(prehashed && algorithm === 'pkcs1v15')) {
    throw refuse('hash_algorithm=none requires both prehashed=true and signature_algorithm=pkcs1v15');
  }
  return { ...form, hash, algorithm, prehashed };
}

const missingInput = (): Failed => ({ error: 'missing input', blame: 'client' });

/** The input and context of an item, decoded. */
function decoded(item: TextItem): { input: Uint8Array; context: Uint8Array } {
  return { input: inputOf(item.get('input') ?? ''), context: contextOf(item.get('context') ?? '') };
}

interface SignInput extends OptionsInput {
  readonly name: string;
  readonly input: string;
  readonly context: string;
  readonly key_version: number;
}

async function runSign(input: SignInput, call: TransitCall): Promise<Answer> {
  const form = formOf(input);
  const policy = await call.state.get(input.name, call.storage);
  if (policy === undefined) throw refuse('signing key not found');
  if (!signs(policy.type)) throw refuse(`key type ${policy.type.name} does not support signing`);
  const options = optionsOf(input, policy, form);
  const raw = call.request.data['batch_input'] ?? null;
  const items =
    raw === null
      ? [
          new Map([
            ['input', input.input],
            ['context', input.context],
          ]),
        ]
      : textItems(raw, 'transit.batchRequestSignItem');
  if (items.length === 0) throw emptyBatch();
  const outcomes = await attemptEach(items, (item): Signature | Failed | Promise<Signature> => {
    if (!item.has('input')) return missingInput();
    const { input: message, context } = decoded(item);
    if (policy.type.kind === 'external') return signElsewhere(call, policy, input.key_version, message, options);
    return sign(call.runtime, policy, input.key_version, context, message, options);
  });
  if (raw !== null) return { batch_results: outcomes.map((outcome, i) => signedItem(outcome, items[i]!)) };
  const outcome = outcomes[0]!;
  if (failed(outcome)) return raise(outcome);
  const { text, version, publicKey } = outcome;
  const data = { signature: text, key_version: version };
  return publicKey === undefined ? data : { ...data, public_key: encodeBase64(publicKey) };
}

/** As Go prints its structure: names other than in a single answer, and a version even where there is none. */
function signedItem(outcome: Signature | Failed, item: TextItem): JsonValue {
  const reference = item.get('reference') ?? '';
  if (failed(outcome)) {
    return new Map<string, JsonValue>([
      ['key_version', 0],
      ['error', outcome.error],
      ['reference', reference],
    ]);
  }
  const { text, version, publicKey } = outcome;
  return new Map<string, JsonValue>([
    ['signature', text],
    ['key_version', version],
    ...(publicKey === undefined ? [] : [['publickey', encodeBase64(publicKey)] as const]),
    ['reference', reference],
  ]);
}

interface VerifyInput extends OptionsInput {
  readonly name: string;
  readonly input: string;
  readonly context: string;
  readonly signature: string | undefined;
  readonly hmac: string | undefined;
}

/** What the items bring; signatures and HMACs do not mix. */
function broughtBy(items: readonly TextItem[], batch: boolean): 'signature' | 'hmac' {
  const kinds = items.map((item) => (item.has('signature') ? 'signature' : item.has('hmac') ? 'hmac' : undefined));
  const found = new Set(kinds);
  if (found.has('signature') && found.has('hmac')) {
    throw refuse("elements of batch_input must all provide 'signature' or all provide 'hmac'");
  }
  const kind = kinds.find((one) => one !== undefined);
  if (kind === undefined) {
    throw refuse(
      batch
        ? "no batch_input elements have 'signature' or 'hmac'"
        : "neither a 'signature' nor an 'hmac' were given to verify",
    );
  }
  if (found.has(undefined)) throw refuse(`some elements of batch_input are missing '${kind}'`);
  return kind;
}

function singleItem({ input, context, signature, hmac }: VerifyInput): TextItem {
  const item = new Map([
    ['input', input],
    ['context', context],
  ]);
  if (signature !== undefined) item.set('signature', signature);
  if (hmac !== undefined) item.set('hmac', hmac);
  return item;
}

async function runVerify(input: VerifyInput, call: TransitCall): Promise<Answer> {
  const raw = call.request.data['batch_input'] ?? null;
  const items = raw === null ? [singleItem(input)] : textItems(raw, 'transit.batchRequestVerifyItem');
  if (items.length === 0) throw emptyBatch();
  const batch = raw !== null;
  if (broughtBy(items, batch) === 'hmac') return verifyHmacs(call, input.name, hashNameOf(input), items, batch);
  const form = formOf(input);
  const policy = await call.state.get(input.name, call.storage);
  if (policy === undefined) throw refuse('signature verification key not found');
  if (!signs(policy.type)) throw refuse(`key type ${policy.type.name} does not support verification`);
  const options = optionsOf(input, policy, form);
  const outcomes = await attemptEach(items, (item): boolean | Failed | Promise<boolean> => {
    if (!item.has('input')) return missingInput();
    const { input: message, context } = decoded(item);
    const signature = item.get('signature') ?? '';
    if (policy.type.kind === 'external') return verifyElsewhere(call, policy, message, signature, options);
    return verify(call.runtime.crypto, policy, context, message, signature, options);
  });
  if (!batch) {
    const outcome = outcomes[0]!;
    return failed(outcome) ? raise(outcome) : { valid: outcome };
  }
  const results = outcomes.map((outcome, i): JsonValue => {
    const reference = ['reference', items[i]!.get('reference') ?? ''] as const;
    return new Map<string, JsonValue>(
      failed(outcome) ? [['valid', false], ['error', outcome.error], reference] : [['valid', outcome], reference],
    );
  });
  return { batch_results: results };
}

const optionFields = {
  name: field.string('Name of the key.', { required: true }),
  input: field.string('What is signed, in base64.', { always: true }),
  context: field.string('Context of a derived key, in base64.', { always: true }),
  hash_algorithm: field.string('Hash of the input: "sha2-256" unless given; "none" for what was hashed elsewhere.', {
    always: true,
  }),
  algorithm: field.string('The old name of hash_algorithm.', { always: true }),
  urlalgorithm: field.string('The hash, in the URL.', { always: true }),
  prehashed: field.bool('The input is a digest already.', { always: true }),
  signature_algorithm: field.string('RSA only: "pss" or "pkcs1v15".', { always: true }),
  marshaling_algorithm: field.string('"asn1" or "jws".', { default: 'asn1' }),
  salt_length: field.string('PSS only: "auto", "hash", or a number of bytes.', { default: 'auto' }),
  batch_input: field.list('Items to process together; other fields of the request are then not used.'),
};

export const signPaths = transitPaths()
  .path(
    'sign/:name(/:urlalgorithm+)?',
    'Sign an input, or a batch of them.',
    { ...optionFields, key_version: field.int('Version of the key to use; 0: the latest.', { always: true }) },
    { update: { about: 'Sign.', run: runSign } },
    { id: { prefix: 'transit', verb: 'sign', suffix: '|with-algorithm' } },
  )
  .path(
    'verify/:name(/:urlalgorithm+)?',
    'Verify a signature or an HMAC, or a batch of them.',
    {
      ...optionFields,
      signature: field.string('The signature.'),
      hmac: field.string('The HMAC.'),
    },
    { update: { about: 'Verify.', run: runVerify } },
    { id: { prefix: 'transit', verb: 'verify', suffix: '|with-algorithm' } },
  );
