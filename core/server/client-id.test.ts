import { expect, test } from 'vitest';
import { portableCrypto } from '../crypto/portable.ts';
import { clientIdOf } from './client-id.ts';

test('a token without policies is counted by its namespace alone, as 2.7.2 counts it', () => {
  const token = { entityId: '', policies: [], namespaceId: 'root' };
  expect(clientIdOf(token, portableCrypto())).toBe('SBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=');
});
