/** Service accounts of Google: the file that Google gives for a key, and what is signed with it (RFC 7523). */
import { asString } from '../codec/json-fields.ts';
import { JsonError, type JsonObject, parseObject } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { failure } from '../fault.ts';
import { HOUR, type Micros, SECOND } from '../runtime.ts';
import type { Crypto, RsaKey } from './crypto.ts';
import { jwsSign } from './jws/sign.ts';
import { parsePrivatePem } from './keys/pem.ts';

export interface GoogleAccount {
  readonly email: string;
  readonly project: string;
  readonly keyId: string;
  readonly key: RsaKey;
  readonly tokenUrl: string;
}

/** Throws a failure in the words of Google's library for Go, DerError or KeyError. */
export function parseGoogleAccount(file: string | Uint8Array): GoogleAccount {
  let fields: JsonObject;
  try {
    fields = parseObject(file);
  } catch (error) {
    throw error instanceof JsonError ? failure(`credentials: ${error.message}`) : error;
  }
  const text = (name: string): string => asString(fields[name]) ?? '';
  if (text('type') !== 'service_account') throw failure(`credentials: unsupported filetype "${text('type')}"`);
  const key = parsePrivatePem(text('private_key'));
  if (key.kind !== 'rsa') throw failure('credentials: the private key is no RSA key');
  return {
    email: text('client_email'),
    project: text('project_id'),
    keyId: text('private_key_id'),
    key: key.key,
    tokenUrl: text('token_uri') || 'https://oauth2.googleapis.com/token',
  };
}

const GRANT = 'urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer';

/** The form that a token is asked for with at the account's `tokenUrl`. `now` is wall micros, `scope` separated by spaces. */
export function googleTokenForm(crypto: Crypto, account: GoogleAccount, scope: string, now: Micros): Uint8Array {
  const { email, keyId, key, tokenUrl } = account;
  const at = Math.floor(now / SECOND);
  const claims = { iss: email, scope, aud: tokenUrl, iat: at, exp: at + HOUR / SECOND };
  const assertion = jwsSign(crypto, { kind: 'rsa', key }, { alg: 'RS256', typ: 'JWT', kid: keyId }, claims);
  return encodeUtf8(`grant_type=${GRANT}&assertion=${assertion}`);
}
