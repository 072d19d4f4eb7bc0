/** `config/rotate-root`: a new key for the engine's own account. */
import { decodeBase64, Base64Error } from '../../codec/base64.ts';
import { quote } from '../../codec/go-quote.ts';
import { decodeUtf8 } from '../../codec/utf8.ts';
import { type GoogleAccount, parseGoogleAccount } from '../../crypto/google-account.ts';
import { failure, refuse } from '../../fault.ts';
import type { Answer } from '../../framework/reply.ts';
import { KEY_ALGORITHM, KEY_TYPE } from './accounts.ts';
import { clientOf, type GcpCall, told } from './call.ts';
import { createKey, deleteKey, resourceOf } from './iam.ts';

const UNMADE =
  'configuration does not have credentials - this endpoint only works with user-provided JSON credentials explicitly provided via the config/ endpoint';

/** The old key goes only when the new one is stored: until then either is good. */
export async function rotateRoot(call: GcpCall): Promise<Answer> {
  const { store, state } = call;
  const config = await store.config.get('config');
  if (config === undefined) throw failure('no configuration');
  if (config.credentials === '') throw failure(UNMADE);
  const old = accountIn(config.credentials, 'credentials are invalid: ');
  const ask = await clientOf(call.running);
  const made = await told('failed to create new key: ', () => createKey(ask, old, KEY_ALGORITHM, KEY_TYPE));
  const credentials = fileIn(made.privateKeyData);
  const { keyId } = accountIn(credentials, 'failed to parse credentials: ');
  await store.config.put('config', { ...config, credentials });
  const name = `${resourceOf(old)}/keys/${old.keyId}`;
  await told(`failed to delete old service account key (${quote(name)}): `, () => deleteKey(ask, name));
  state.forget();
  return { private_key_id: keyId };
}

function accountIn(file: string, prefix: string): GoogleAccount {
  try {
    return parseGoogleAccount(file);
  } catch (error) {
    throw refuse(`${prefix}${error instanceof Error ? error.message : String(error)}`);
  }
}

function fileIn(text: string): string {
  try {
    return decodeUtf8(decodeBase64(text));
  } catch (error) {
    if (!(error instanceof Base64Error)) throw error;
    throw failure(`failed to decode credentials: ${error.message}`);
  }
}
