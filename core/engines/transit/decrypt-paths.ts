/** Decrypting and rewrapping, one ciphertext or a batch. */
import { encodeBase64 } from '../../codec/base64.ts';
import { noBytes } from '../../codec/bytes.ts';
import type { JsonValue } from '../../codec/json.ts';
import { refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { bytesOf } from './base64-field.ts';
import { cryptItems, rewrapItems, type CryptItem } from './batch-input.ts';
import { attempt, attemptEach, batchReply, failed, raise, type Failed } from './batch-result.ts';
import { transitPaths, type TransitCall } from './call.ts';
import {
  associatedData,
  associatedDataOf,
  batchFields,
  checkContexts,
  context,
  encrypted,
  encryptedItem,
  itemsOf,
  keyVersion,
  name,
  type Encrypted,
} from './crypt.ts';
import { decryptElsewhere } from './external.ts';
import type { Policy } from './policy.ts';

interface DecryptInput {
  readonly name: string;
  readonly ciphertext: string;
  readonly context: string;
  readonly associated_data: string;
  readonly partial_failure_response_code: number | undefined;
}

async function runDecrypt(input: DecryptInput, call: TransitCall): Promise<Answer> {
  const { items, batch } = itemsOf(
    call,
    (raw) => cryptItems(raw, 'ciphertext'),
    () => {
      const { ciphertext, context, associated_data } = input;
      if (ciphertext === '') throw refuse('missing ciphertext to decrypt');
      return { text: ciphertext, context, associatedData: associated_data, keyVersion: 0, reference: '' };
    },
  );
  checkContexts(items);
  const policy = await call.state.get(input.name, call.storage);
  if (policy === undefined) throw refuse('encryption key not found');
  const outcomes = await attemptEach(items, (item, i): string | Failed | Promise<string> => {
    if (item.text === '') throw refuse('missing ciphertext to decrypt');
    const context = bytesOf(item.context);
    const associatedData = associatedDataOf(item, `[${i}].`, policy);
    if (failed(associatedData)) return associatedData;
    if (policy.type.kind === 'external') {
      return decryptElsewhere(call, policy, item.text, associatedData).then(encodeBase64);
    }
    return encodeBase64(call.state.ciphers.decrypt(policy, item.text, { context, associatedData }));
  });
  if (!batch) {
    const outcome = outcomes[0]!;
    return failed(outcome) ? raise(outcome) : { plaintext: outcome };
  }
  const results = outcomes.map((outcome, i): JsonValue => {
    const reference = items[i]!.reference;
    const shown: [string, JsonValue][] = failed(outcome)
      ? [
          ['plaintext', ''],
          ['error', outcome.error],
        ]
      : [['plaintext', outcome]];
    return new Map([...shown, ['reference', reference]]);
  });
  return batchReply(results, outcomes, input.partial_failure_response_code);
}

interface RewrapInput {
  readonly name: string;
  readonly ciphertext: string;
  readonly context: string;
  readonly key_version: number;
}

async function runRewrap(input: RewrapInput, call: TransitCall): Promise<Answer> {
  const { items, batch } = itemsOf(call, rewrapItems, () => {
    const { ciphertext, context, key_version } = input;
    if (ciphertext === '') throw refuse('missing ciphertext to decrypt');
    return { text: ciphertext, context, associatedData: '', keyVersion: key_version, reference: '' };
  });
  checkContexts(items);
  const policy = await call.state.get(input.name, call.storage);
  if (policy === undefined) throw refuse('encryption key not found');
  const outcomes = items.map((item, i) => {
    const outcome = rewrapped(call, policy, item, i);
    // Upstream gives up a whole batch for what is its own fault.
    return failed(outcome) && outcome.blame === 'server' ? raise(outcome) : outcome;
  });
  if (batch) return { batch_results: outcomes.map((outcome, i) => encryptedItem(outcome, items[i]!.reference)) };
  const outcome = outcomes[0]!;
  return failed(outcome) ? raise(outcome) : { ciphertext: outcome.ciphertext, key_version: outcome.keyVersion };
}

/** Associated data is not taken along: what was encrypted with some cannot be rewrapped. */
function rewrapped(call: TransitCall, policy: Policy, item: CryptItem, i: number): Encrypted | Failed {
  const plaintext = attempt(() => {
    if (item.text === '') throw refuse('missing ciphertext to decrypt');
    const context = bytesOf(item.context);
    return call.state.ciphers.decrypt(policy, item.text, { context, associatedData: noBytes });
  });
  return failed(plaintext) ? plaintext : encrypted(call, policy, { ...item, associatedData: '' }, plaintext, i);
}

export const decryptPaths = transitPaths()
  .path(
    'decrypt/:name',
    'Decrypt a ciphertext, or a batch of them.',
    {
      name,
      ciphertext: field.string('The ciphertext.', { always: true }),
      context,
      associated_data: associatedData,
      ...batchFields,
    },
    { update: { about: 'Decrypt.', run: runDecrypt } },
    { id: { prefix: 'transit', verb: 'decrypt' } },
  )
  .path(
    'rewrap/:name',
    'Encrypt ciphertexts anew, without showing what they hold.',
    {
      name,
      ciphertext: field.string('The ciphertext.', { always: true }),
      context,
      key_version: keyVersion,
      batch_input: batchFields.batch_input,
    },
    { update: { about: 'Bring a ciphertext to the latest version.', run: runRewrap } },
    { id: { prefix: 'transit', verb: 'rewrap' } },
  );
