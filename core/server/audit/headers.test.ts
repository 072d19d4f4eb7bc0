import { expect, test } from 'vitest';
import { InmemStorage } from '../../storage/inmem.ts';
import { AuditedHeaders } from './headers.ts';

test('no header that is logged has the token of who asked', async () => {
  const headers = new AuditedHeaders(new InmemStorage());
  for (const name of ['X-Vault-Token', 'Authorization', 'X-A']) await headers.set(name, false);
  const sent = (of: Readonly<Record<string, string>>) =>
    new Map(Object.entries(of).map(([name, one]) => [name, [one]]));
  const hash = (text: string) => text;
  expect(headers.pick(sent({ authorization: 'Bearer s.1', 'x-a': 'b' }), hash)).toEqual({
    authorization: [],
    'x-a': ['b'],
  });
  const both = sent({ authorization: 'Bearer other', 'x-vault-token': 's.1' });
  expect(headers.pick(both, hash)).toEqual({ authorization: ['Bearer other'] });
});
