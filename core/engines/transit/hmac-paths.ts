/** HMACs under a key, and verifying them. */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import type { JsonValue } from '../../codec/json.ts';
import type { Crypto, HashName } from '../../crypto/crypto.ts';
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { inputOf } from './base64-field.ts';
import { emptyBatch, textItems, type TextItem } from './batch-input.ts';
import { attempt, failed, raise, type Failed } from './batch-result.ts';
import { transitPaths, type TransitCall } from './call.ts';
import { checkUsable } from './cipher.ts';
import { hashNameOf, transitHash, type TransitHash } from './hashes.ts';
import { versionOf, type Policy } from './policy.ts';
import { splitVersioned, versionedText } from './versioned-text.ts';

function realHash(hash: TransitHash): HashName {
  if (hash === 'none') throw refuse('algorithm cannot be none');
  return hash;
}

function keyOf(policy: Policy, number: number): Uint8Array {
  const { hmacKey } = versionOf(policy, number, refuse);
  if (hmacKey === undefined) throw failure('no HMAC key exists for that key version');
  return hmacKey;
}

function versionFor(policy: Policy, asked: number): number {
  if (asked === 0) return policy.latestVersion;
  if (asked < 0) throw refuse('key version does not exist (cannot be negative)');
  if (asked > policy.latestVersion) {
    throw refuse(`key version does not exist; latest key version is ${policy.latestVersion}`);
  }
  if (asked < policy.minEncryptionVersion) {
    throw refuse('cannot generate HMAC: version is too old (disallowed by policy)');
  }
  return asked;
}

interface HmacInput {
  readonly name: string;
  readonly input: string | undefined;
  readonly key_version: number;
  readonly algorithm: string;
  readonly urlalgorithm: string;
}

async function runHmac(input: HmacInput, call: TransitCall): Promise<Answer> {
  const policy = await call.state.get(input.name, call.storage);
  if (policy === undefined) throw refuse('encryption key not found');
  checkUsable(policy);
  const number = versionFor(policy, input.key_version);
  const key = keyOf(policy, number);
  // What is sent empty is not the usual one here.
  const usual = input.algorithm === '' ? '' : undefined;
  const named = transitHash(hashNameOf(input, usual));
  // Upstream prints the number of a hash that it did not find.
  if (named === undefined) throw refuse(String.raw`unsupported algorithm '\x00'`);
  const hash = realHash(named);
  const raw = call.request.data['batch_input'] ?? null;
  const items = raw === null ? [single(input)] : textItems(raw, 'transit.batchRequestHMACItem');
  if (items.length === 0) throw emptyBatch();
  const outcomes = items.map((item) =>
    attempt((): string | Failed => {
      const text = item.get('input');
      if (text === undefined) return { error: 'missing input for HMAC', blame: 'client' };
      return versionedText(number, encodeBase64(call.runtime.crypto.hmac(hash, key, inputOf(text))));
    }),
  );
  if (raw === null) {
    const outcome = outcomes[0]!;
    return failed(outcome) ? raise(outcome) : { hmac: outcome };
  }
  const results = outcomes.map((outcome, i): JsonValue => {
    const reference = ['reference', items[i]!.get('reference') ?? ''] as const;
    return new Map([failed(outcome) ? ['error', outcome.error] : ['hmac', outcome], reference]);
  });
  return { batch_results: results };
}

const single = ({ input }: HmacInput): TextItem => new Map(input === undefined ? [] : [['input', input]]);

function verifyOne(crypto: Crypto, policy: Policy, hash: HashName, item: TextItem): boolean | Failed {
  const text = item.get('input');
  if (text === undefined) return { error: 'missing input', blame: 'client' };
  const input = inputOf(text);
  const { number, bytes } = parse(policy, item.get('hmac') ?? '');
  checkUsable(policy);
  return crypto.equal(crypto.hmac(hash, keyOf(policy, number), input), bytes);
}

function parse(policy: Policy, text: string): { number: number; bytes: Uint8Array } {
  const { number, rest } = splitVersioned(text, 'invalid HMAC', 'invalid HMAC to verify');
  const bytes = mac(rest);
  if (number > policy.latestVersion) throw refuse('invalid HMAC: version is too new');
  if (number < policy.minDecryptionVersion) {
    throw refuse('cannot verify HMAC: version is too old (disallowed by policy)');
  }
  return { number, bytes };
}

function mac(text: string): Uint8Array {
  try {
    return decodeBase64(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : '';
    throw refuse(`unable to decode verification HMAC as base64: ${why}`);
  }
}

/** Verification of what was brought as HMACs; a batch leaves out `valid` where it is false. */
export async function verifyHmacs(
  call: TransitCall,
  name: string,
  hashName: string,
  items: readonly TextItem[],
  batch: boolean,
): Promise<Answer> {
  const policy = await call.state.get(name, call.storage);
  if (policy === undefined) throw refuse('encryption key not found');
  const named = transitHash(hashName);
  if (named === undefined) throw refuse(`invalid hash algorithm "${hashName}"`);
  const hash = realHash(named);
  const outcomes = items.map((item) => attempt(() => verifyOne(call.runtime.crypto, policy, hash, item)));
  if (!batch) {
    const outcome = outcomes[0]!;
    return failed(outcome) ? raise(outcome) : { valid: outcome };
  }
  const results = outcomes.map((outcome, i): JsonValue => {
    const shown: [string, JsonValue][] = failed(outcome)
      ? [['error', outcome.error]]
      : outcome
        ? [['valid', true]]
        : [];
    return new Map([...shown, ['reference', items[i]!.get('reference') ?? '']]);
  });
  return { batch_results: results };
}

export const hmacPaths = transitPaths().path(
  'hmac/:name(/:urlalgorithm+)?',
  'HMAC of an input, or of a batch of them.',
  {
    name: field.string('Name of the key.', { required: true }),
    input: field.string('The input, in base64.'),
    algorithm: field.string('The hash.', { default: 'sha2-256' }),
    urlalgorithm: field.string('The hash, in the URL.', { always: true }),
    key_version: field.int('Version of the key to use; 0: the latest.', { always: true }),
    batch_input: field.list('Items to process together; other fields of the request are then not used.'),
  },
  { update: { about: 'Make an HMAC.', run: runHmac } },
  { id: { prefix: 'transit', verb: 'generate', suffix: 'hmac|hmac-with-algorithm' } },
);
