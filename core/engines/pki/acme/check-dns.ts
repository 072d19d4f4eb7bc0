/** dns-01 (RFC 8555, section 8.4): the hash of the proof is a text of the name. */
import { encodeBase64RawUrl } from '../../../codec/base64.ts';
import { encodeUtf8 } from '../../../codec/utf8.ts';
import { NetworkError } from '../../../runtime.ts';
import { keyAuthorization, PATIENCE, type Check } from './check.ts';

export const checkDns: Check = async (claim) => {
  const { identifier, resolver, runtime } = claim;
  const name = `_acme-challenge.${identifier.value}`;
  const failed = (why: string): string =>
    `dns-01: failed to lookup TXT records for domain (${name}) via resolver ${resolver}: ${why}`;
  if (runtime.names === undefined) return failed(`lookup ${name}: no such host`);
  let texts: readonly string[];
  try {
    texts = await runtime.names.texts(name, resolver, PATIENCE);
  } catch (error) {
    if (error instanceof NetworkError) return failed(error.message);
    throw error;
  }
  const wanted = encodeBase64RawUrl(runtime.crypto.hash('sha256', encodeUtf8(keyAuthorization(claim))));
  return texts.includes(wanted) ? undefined : `dns-01: challenge failed against ${texts.length} records`;
};
