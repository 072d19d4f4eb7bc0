/** Encrypting, one text or a batch; the key is made when it is not there and may be. */
import { decodeBase64 } from '../../codec/base64.ts';
import { refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { bytesOf } from './base64-field.ts';
import { cryptItems } from './batch-input.ts';
import { attempt, attemptEach, batchReply, failed, raise, type Failed } from './batch-result.ts';
import { transitPaths, type TransitCall } from './call.ts';
import { keysConfig } from './config-paths.ts';
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
  withVersion,
  type Encrypted,
} from './crypt.ts';
import { encryptElsewhere } from './external.ts';
import { keyTypeOf, type KeyType } from './key-type.ts';
import { blankPolicy, type Policy } from './policy.ts';

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
  const outcomes = await attemptEach(items, (item, i): Encrypted | Failed | Promise<Encrypted> => {
    const plaintext = plaintexts[i]!;
    if (failed(plaintext)) return plaintext;
    if (policy.type.kind !== 'external') return encrypted(call, policy, item, plaintext, i);
    const associatedData = associatedDataOf(item, '', policy);
    if (failed(associatedData)) return associatedData;
    const made = encryptElsewhere(call, policy, item.keyVersion, plaintext, associatedData);
    return made.then((ciphertext) => withVersion(ciphertext, policy, item));
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

export const encryptPaths = transitPaths().path(
  'encrypt/:name',
  'Encrypt a text, or a batch of them.',
  {
    name,
    plaintext: field.string('The text, in base64.'),
    context,
    associated_data: associatedData,
    type: field.string('Type of the key, when it is made here.', { default: 'aes256-gcm96' }),
    convergent_encryption: field.bool('Make a key that encrypts the same text to the same ciphertext.', {
      always: true,
    }),
    key_version: keyVersion,
    ...batchFields,
  },
  { write: { about: 'Encrypt; the key is made when it is not there.', run: runEncrypt } },
  { exists: keyExists, id: { prefix: 'transit', verb: 'encrypt' } },
);
