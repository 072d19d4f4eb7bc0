/** sys/: declared like an engine, one file a topic. The order of the parts is the order in which paths are tried. */
import { engine } from '../framework/engine.ts';
import { authPaths } from './auth.ts';
import type { SystemContext } from './context.ts';
import { mountPaths } from './mounts.ts';

export const systemEngine = engine<undefined, object, SystemContext>({
  type: 'system',
  class: 'system',
  about: 'The paths under sys/ steer the server itself: mounts, policies, leases, seals and more.',
  special: {
    root: [
      'auth/*',
      'remount',
      'audit',
      'audit/*',
      'raw',
      'raw/*',
      'rotate',
      'rotate/*',
      'config/cors',
      'config/auditing/*',
      'config/ui/headers/*',
      'plugins/catalog/*',
      'revoke-prefix/*',
      'revoke-force/*',
      'leases',
      'leases/revoke-prefix/*',
      'leases/revoke-force/*',
      'leases/lookup/*',
      'storage/raft/snapshot-auto/config/*',
      'internal/inspect/*',
      'seal',
      'step-down',
    ],
    unauthenticated: [
      'wrapping/lookup',
      'wrapping/pubkey',
      'replication/status',
      'internal/specs/openapi',
      'internal/ui/mounts',
      'internal/ui/mounts/*',
      'internal/ui/namespaces',
      'storage/raft/bootstrap/answer',
      'storage/raft/bootstrap/challenge',
      'mfa/validate',
      'decode-token',
    ],
  },
})
  .include(mountPaths)
  .include(authPaths);
