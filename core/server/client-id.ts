/** Whom usage is counted by: the entity, or a digest of policies and namespace where there is none. */
import { encodeBase64 } from '../codec/base64.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Crypto } from '../crypto/crypto.ts';
import type { TokenEntry } from './services.ts';

type Counted = Pick<TokenEntry, 'entityId' | 'policies' | 'namespaceId'>;

export function clientIdOf(token: Counted, crypto: Crypto): string {
  if (token.entityId !== '') return token.entityId;
  const policies = token.policies.length === 0 ? '' : `${[...token.policies].sort().join('\u007f')}\u0000`;
  const input = `${policies}${token.namespaceId}`;
  return encodeBase64(crypto.hash('sha256', encodeUtf8(input)));
}
