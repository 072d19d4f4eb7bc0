import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compareText } from '../../codec/bytes.ts';
import type { ApiItem } from '../../framework/logical.ts';
import { TestMount } from '../../framework/testing.ts';
import type { Directory, IdentityServer } from './directory.ts';
import { createIdentityBackend } from './identity.ts';
import type { MfaStore } from './mfa/model.ts';

test('every path has the operations, and every operation the id, that the real server documents', () => {
  const none = {} as Directory & IdentityServer & MfaStore;
  const mount = new TestMount((context) =>
    createIdentityBackend({ ...context, directory: none, server: none, mfa: none }),
  );
  const ours: string[] = [];
  for (const [path, item] of mount.backend.openapi!().paths) {
    for (const method of ['get', 'post', 'patch', 'delete']) {
      const operation = item.get(method) as ApiItem | undefined;
      if (operation !== undefined) ours.push(`/identity${path} ${method} ${operation.get('operationId') as string}`);
    }
  }
  const golden = readFileSync(new URL('./operation-ids.golden.txt', import.meta.url), 'utf8').split('\n');
  const real = golden.filter((line) => line !== '' && !line.startsWith('#'));
  expect(ours.sort(compareText)).toEqual(real.sort(compareText));
});
