/** What encrypting, decrypting and rewrapping have in common: items, associated data, results. */
import { noBytes } from '../../codec/bytes.ts';
import type { JsonValue } from '../../codec/json.ts';
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { bytesOf } from './base64-field.ts';
import { emptyBatch, type CryptItem } from './batch-input.ts';
import { attempt, failed, type Failed } from './batch-result.ts';
import type { TransitCall } from './call.ts';
import { takesAssociatedData } from './key-type.ts';
import type { Policy } from './policy.ts';

export const name = field.string('Name of the key.', { required: true });
export const context = field.string('Context of a derived key, in base64.', { always: true });
export const associatedData = field.string('Data that is authenticated but not encrypted, in base64.', {
  always: true,
});
export const keyVersion = field.int('Version of the key to use; 0: the latest.', { always: true });

export const batchFields = {
  batch_input: field.list('Items to process together; other fields of the request are then not used.'),
  partial_failure_response_code: field.int('Status of a batch of which some items failed, instead of 400.'),
};

/** The items of a batch, or the one of the request itself. */
export function itemsOf(
  call: TransitCall,
  read: (raw: JsonValue) => CryptItem[],
  single: () => CryptItem,
): { items: CryptItem[]; batch: boolean } {
  const raw = call.request.data['batch_input'];
  if (raw === undefined || raw === null) return { items: [single()], batch: false };
  const items = read(raw);
  if (items.length === 0) throw emptyBatch();
  return { items, batch: true };
}

export function checkContexts(items: readonly CryptItem[]): boolean {
  const hasContext = items[0]!.context !== '';
  if (items.some(({ context }) => (context !== '') !== hasContext))
    throw refuse('context should be set either in all the request blocks or in none');
  return hasContext;
}

export function associatedDataOf(item: CryptItem, at: string, { type }: Policy): Uint8Array | Failed {
  if (item.associatedData === '') return noBytes;
  if (!takesAssociatedData(type)) {
    return { error: `'${at}associated_data' provided for non-AEAD cipher suite ${type.name}`, blame: 'nobody' };
  }
  return bytesOf(item.associatedData, (why) =>
    failure(`unable to get associated_data/additional_data from factory[0]: ${why}`),
  );
}

export interface Encrypted {
  readonly ciphertext: string;
  readonly keyVersion: number;
}

/** With a key that is kept here. */
export function encrypted(
  call: TransitCall,
  policy: Policy,
  item: CryptItem,
  plaintext: Uint8Array,
  i: number,
): Encrypted | Failed {
  return attempt(() => {
    const associatedData = associatedDataOf(item, `[${i}].`, policy);
    if (failed(associatedData)) return associatedData;
    const context = bytesOf(item.context);
    const ciphertext = call.state.ciphers.encrypt(policy, item.keyVersion, plaintext, { context, associatedData });
    return withVersion(ciphertext, policy, item);
  });
}

export const withVersion = (ciphertext: string, { latestVersion }: Policy, { keyVersion }: CryptItem): Encrypted => ({
  ciphertext,
  keyVersion: keyVersion === 0 ? latestVersion : keyVersion,
});

export const encryptedItem = (outcome: Encrypted | Failed, reference: string): JsonValue =>
  failed(outcome)
    ? new Map([
        ['error', outcome.error],
        ['reference', reference],
      ])
    : new Map<string, JsonValue>([
        ['ciphertext', outcome.ciphertext],
        ['key_version', outcome.keyVersion],
        ['reference', reference],
      ]);
