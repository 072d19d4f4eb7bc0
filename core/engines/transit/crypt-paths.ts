/** Encrypting, decrypting and rewrapping, one text or a batch. */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { noBytes } from '../../codec/bytes.ts';
import type { JsonValue } from '../../codec/json.ts';
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { bytesOf, contextOf } from './base64-field.ts';
import { cryptItems, emptyBatch, rewrapItems, type CryptItem } from './batch-input.ts';
import { attempt, batchReply, failed, raise, type Failed } from './batch-result.ts';
import { transitPaths, type TransitCall } from './call.ts';
import { decrypt, encrypt } from './cipher.ts';
import { keysConfig } from './config-paths.ts';
import { keyTypeOf, type KeyType } from './key-type.ts';
import { newPolicy, type Policy } from './policy.ts';

const contexts = 'context should be set either in all the request blocks or in none';

const batchFields = {
  batch_input: field.list('Items to process together; other fields of the request are then not used.'),
  partial_failure_response_code: field.int('Status of a batch of which some items failed, instead of 400.'),
};

/** The items of a batch, or the one of the request itself. */
function itemsOf(
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

function checkContexts(items: readonly CryptItem[]): boolean {
  const hasContext = items[0]!.context !== '';
  if (items.some(({ context }) => (context !== '') !== hasContext)) throw refuse(contexts);
  return hasContext;
}

function associatedDataOf(item: CryptItem, at: string, { type }: Policy): Uint8Array | Failed {
  if (item.associatedData === '') return noBytes;
  if (type.kind !== 'cipher') {
    return { error: `'${at}associated_data' provided for non-AEAD cipher suite ${type.name}`, blame: 'nobody' };
  }
  return bytesOf(item.associatedData, (why) =>
    failure(`unable to get associated_data/additional_data from factory[0]: ${why}`),
  );
}

interface Encrypted {
  readonly ciphertext: string;
  readonly keyVersion: number;
}

function encrypted(
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
    const ciphertext = encrypt(call.runtime, policy, item.keyVersion, plaintext, { context, associatedData });
    return { ciphertext, keyVersion: item.keyVersion === 0 ? policy.latestVersion : item.keyVersion };
  });
}

const encryptedItem = (outcome: Encrypted | Failed, reference: string): JsonValue =>
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

function upsertType(name: string): KeyType {
  const type = keyTypeOf(name);
  if (type?.kind === 'cipher') return type;
  if (type?.kind === 'ecdsa') throw refuse(`key type ${name} not supported for this operation`);
  throw refuse(`unknown key type ${name}`);
}

/** The key, made when it is not there and may be. */
async function keyFor(
  call: TransitCall,
  name: string,
  derived: boolean,
  settings: { type: string; convergent: boolean },
): Promise<Policy> {
  const { state, storage, request } = call;
  let policy: Policy | undefined;
  if (request.operation === 'create') {
    if (settings.convergent && !derived) {
      throw refuse('convergent encryption requires derivation to be enabled, so context is required');
    }
    const { disableUpsert } = await keysConfig(storage);
    const blank = blankPolicy(name, upsertType(settings.type), { derived, convergent: settings.convergent });
    policy = disableUpsert ? await state.get(name, storage) : (await state.getOrMake(blank, storage)).policy;
  } else policy = await state.get(name, storage);
  if (policy === undefined) throw refuse('encryption key not found');
  return policy;
}

/** A policy that derives has a key derivation function of its own. */
export function blankPolicy(name: string, type: KeyType, how: { derived: boolean; convergent: boolean }): Policy {
  const blank = newPolicy(name, type);
  if (!how.derived) return blank;
  return {
    ...blank,
    derived: true,
    kdf: 'hkdf_sha256',
    convergent: how.convergent,
    convergentVersion: how.convergent ? -1 : 0,
  };
}

const keyExists = async ({ name }: { readonly name: string }, { state, storage }: TransitCall): Promise<boolean> =>
  (await state.get(name, storage)) !== undefined;

interface EncryptInput {
  readonly name: string;
  readonly plaintext: string | undefined;
  readonly context: string;
  readonly associated_data: string;
  readonly key_version: number;
  readonly type: string;
  readonly convergent_encryption: boolean;
  readonly partial_failure_response_code: number | undefined;
}

async function runEncrypt(input: EncryptInput, call: TransitCall): Promise<Answer> {
  const { items, batch } = itemsOf(
    call,
    (raw) => cryptItems(raw, 'plaintext'),
    () => {
      const { plaintext, context, associated_data, key_version } = input;
      if (plaintext === undefined) throw refuse('missing plaintext to encrypt');
      return { text: plaintext, context, associatedData: associated_data, keyVersion: key_version, reference: '' };
    },
  );
  const derived = checkContexts(items);
  const plaintexts = items.map(({ text, context }) =>
    attempt(() => {
      const plaintext = decodeOrRefuse(text);
      bytesOf(context);
      return plaintext;
    }),
  );
  const policy = await keyFor(call, input.name, derived, {
    type: input.type,
    convergent: input.convergent_encryption,
  });
  const outcomes = items.map((item, i) => {
    const plaintext = plaintexts[i]!;
    return failed(plaintext) ? plaintext : encrypted(call, policy, item, plaintext, i);
  });
  if (batch) {
    const results = outcomes.map((outcome, i) => encryptedItem(outcome, items[i]!.reference));
    return batchReply(results, outcomes, input.partial_failure_response_code);
  }
  const outcome = outcomes[0]!;
  if (failed(outcome)) return raise(outcome);
  return { ciphertext: outcome.ciphertext, key_version: outcome.keyVersion };
}

const decodeOrRefuse = (text: string): Uint8Array => {
  try {
    return decodeBase64(text);
  } catch (error) {
    throw error instanceof Error ? refuse(error.message) : error;
  }
};

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
  const outcomes = items.map((item, i) =>
    attempt((): string | Failed => {
      if (item.text === '') throw refuse('missing ciphertext to decrypt');
      const context = bytesOf(item.context);
      const associatedData = associatedDataOf(item, `[${i}].`, policy);
      if (failed(associatedData)) return associatedData;
      return encodeBase64(decrypt(call.runtime.crypto, policy, item.text, { context, associatedData }));
    }),
  );
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
    return decrypt(call.runtime.crypto, policy, item.text, { context, associatedData: noBytes });
  });
  return failed(plaintext) ? plaintext : encrypted(call, policy, { ...item, associatedData: '' }, plaintext, i);
}

const name = field.string('Name of the key.', { required: true });
const context = field.string('Context of a derived key, in base64.', { default: '' });
const associatedData = field.string('Data that is authenticated but not encrypted, in base64.', { default: '' });
const keyVersion = field.int('Version of the key to use; 0: the latest.', { default: 0 });

export const cryptPaths = transitPaths()
  .path(
    'encrypt/:name',
    'Encrypt a text, or a batch of them.',
    {
      name,
      plaintext: field.string('The text, in base64.'),
      context,
      associated_data: associatedData,
      type: field.string('Type of the key, when it is made here.', { default: 'aes256-gcm96' }),
      convergent_encryption: field.bool('Make a key that encrypts the same text to the same ciphertext.', {
        default: false,
      }),
      key_version: keyVersion,
      ...batchFields,
    },
    { write: { about: 'Encrypt; the key is made when it is not there.', run: runEncrypt } },
    { exists: keyExists, id: { prefix: 'transit', verb: 'encrypt' } },
  )
  .path(
    'decrypt/:name',
    'Decrypt a ciphertext, or a batch of them.',
    {
      name,
      ciphertext: field.string('The ciphertext.', { default: '' }),
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
      ciphertext: field.string('The ciphertext.', { default: '' }),
      context,
      key_version: keyVersion,
      batch_input: batchFields.batch_input,
    },
    { update: { about: 'Bring a ciphertext to the latest version.', run: runRewrap } },
    { id: { prefix: 'transit', verb: 'rewrap' } },
  )
  .path(
    'datakey/:plaintext/:name',
    'A new key for use outside, encrypted with the named key.',
    {
      name,
      plaintext: field.string('"plaintext" to get the key itself too, "wrapped" for the encrypted one only.', {
        required: true,
      }),
      context,
      associated_data: associatedData,
      bits: field.int('128, 256 or 512.', { default: 256 }),
      key_version: keyVersion,
    },
    { update: { about: 'Make a data key.', run: runDataKey } },
    { id: { prefix: 'transit', verb: 'generate', suffix: 'data-key' } },
  );

interface DataKeyInput {
  readonly name: string;
  readonly plaintext: string;
  readonly context: string;
  readonly associated_data: string;
  readonly bits: number;
  readonly key_version: number;
}

async function runDataKey(input: DataKeyInput, call: TransitCall): Promise<Answer> {
  if (input.plaintext !== 'plaintext' && input.plaintext !== 'wrapped') {
    throw refuse("Invalid path, must be 'plaintext' or 'wrapped'");
  }
  contextOf(input.context);
  const policy = await call.state.get(input.name, call.storage);
  if (policy === undefined) throw refuse('encryption key not found');
  if (![128, 256, 512].includes(input.bits)) throw refuse('invalid bit length');
  const key = call.random.bytes(input.bits / 8);
  const item = {
    text: '',
    context: input.context,
    associatedData: input.associated_data,
    keyVersion: input.key_version,
    reference: '',
  };
  const associated = associatedDataOf(item, '', policy);
  if (failed(associated)) return raise(associated);
  const outcome = encrypted(call, policy, item, key, 0);
  if (failed(outcome)) return raise(outcome);
  const data = { ciphertext: outcome.ciphertext, key_version: outcome.keyVersion };
  return input.plaintext === 'plaintext' ? { ...data, plaintext: encodeBase64(key) } : data;
}
