/** New keys for use outside, encrypted with a named key. */
import { encodeBase64 } from '../../codec/base64.ts';
import { refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import { contextOf } from './base64-field.ts';
import { failed, raise } from './batch-result.ts';
import { transitPaths, type TransitCall } from './call.ts';
import { associatedData, associatedDataOf, context, encrypted, keyVersion, name } from './crypt.ts';

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

export const dataKeyPaths = transitPaths().path(
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
