import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createAppRole } from '../auth/approle/approle.ts';
import { createJwt } from '../auth/jwt/jwt.ts';
import { createKubernetesAuth } from '../auth/kubernetes/kubernetes.ts';
import { createUserpass } from '../auth/userpass/userpass.ts';
import { compareText } from '../codec/bytes.ts';
import type { ApiItem } from '../framework/logical.ts';
import type { Backend, BackendContext } from '../framework/logical.ts';
import { TestMount } from '../framework/testing.ts';
import { createCubbyhole } from './cubbyhole/cubbyhole.ts';
import { createDatabase } from './database/database.ts';
import { createKubernetes } from './kubernetes/kubernetes.ts';
import { createKv } from './kv/kv.ts';
import { createPki } from './pki/pki.ts';
import { createRabbitMq } from './rabbitmq/rabbitmq.ts';
import { createSsh } from './ssh/ssh.ts';
import { createTotp } from './totp/totp.ts';
import { createTransit } from './transit/transit.ts';

const mounts: readonly (readonly [string, (context: BackendContext) => Backend, Record<string, string>])[] = [
  ['/auth/approle', createAppRole, {}],
  ['/auth/jwt', createJwt, {}],
  ['/auth/kubernetes', createKubernetesAuth, {}],
  ['/auth/userpass', createUserpass, {}],
  ['/cubbyhole', createCubbyhole, {}],
  ['/database', createDatabase, {}],
  ['/kubernetes', createKubernetes, {}],
  ['/kv-v1', createKv, {}],
  ['/kv-v2', createKv, { version: '2' }],
  ['/pki', createPki, {}],
  ['/rabbitmq', createRabbitMq, {}],
  ['/ssh', createSsh, {}],
  ['/totp', createTotp, {}],
  ['/transit', createTransit, {}],
];

test('every path has the operations, and every operation the id, that the real server documents', () => {
  const ours: string[] = [];
  for (const [point, make, options] of mounts) {
    const type = point.split('/').at(-1)!;
    const document = new TestMount(make, { options, mount: { type } }).backend.openapi!();
    for (const [path, item] of document.paths) {
      for (const method of ['get', 'post', 'patch', 'delete']) {
        const operation = item.get(method) as ApiItem | undefined;
        if (operation !== undefined) ours.push(`${point}${path} ${method} ${operation.get('operationId') as string}`);
      }
    }
  }
  const golden = readFileSync(new URL('./operation-ids.golden.txt', import.meta.url), 'utf8').split('\n');
  expect(ours.sort(compareText)).toEqual(
    golden.filter((line) => line !== '' && !line.startsWith('#')).sort(compareText),
  );
});
