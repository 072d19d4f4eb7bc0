/** sys/: declared like an engine, one file a topic. The order of the parts is the order in which paths are tried. */
import { engine } from '../framework/engine.ts';
import { auditPaths } from './audit.ts';
import { authPaths } from './auth.ts';
import { capabilityPaths } from './capabilities.ts';
import { controlGroupPaths } from './control-group.ts';
import { corsPaths } from './cors.ts';
import { counterPaths } from './counters.ts';
import { earlyPaths, keyHolderPaths } from './early.ts';
import { externalKeyPaths } from './external-keys.ts';
import { generateRootPaths } from './generate-root.ts';
import { hostPaths } from './host.ts';
import { inspectPaths } from './inspect.ts';
import { uiPaths } from './internal-ui.ts';
import { keyPaths } from './keys.ts';
import { pluginPaths } from './plugins.ts';
import { raftPaths } from './raft.ts';
import { rawPaths } from './raw.ts';
import { remountPaths } from './remount.ts';
import { rootKeyPaths } from './root-keys.ts';
import { toolPaths } from './tools.ts';
import type { SystemContext } from './context.ts';
import { leasePaths } from './leases.ts';
import { mountPaths } from './mounts.ts';
import { lockedUserPaths } from './locked-users.ts';
import { loggerPaths } from './loggers.ts';
import { mfaPaths } from './mfa.ts';
import { metricsPaths } from './metrics.ts';
import { monitorPaths } from './monitor.ts';
import { openapiPaths } from './openapi.ts';
import { namespaceSealPaths } from './namespace-seals.ts';
import { namespacePaths } from './namespaces.ts';
import { uiHeaderPaths } from './ui-headers.ts';
import { operationIds } from './operation-ids.ts';
import { passwordPolicyPaths } from './password-policies.ts';
import { policyPaths } from './policies.ts';
import { pprofPaths } from './pprof.ts';
import { quotaPaths } from './quotas.ts';
import { workflowPaths } from './workflows.ts';
import { wrappingPaths } from './wrapping.ts';
import { responses } from './responses.ts';

const declare = () =>
  engine<undefined, object, SystemContext>({
    type: 'system',
    class: 'system',
    operationIds,
    responses,
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
        'rotate/keyring',
        'rotate/root',
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
        'rekey-recovery-key/init',
        'rekey-recovery-key/update',
        'rekey-recovery-key/verify',
      ],
      // On every storage, though only Raft has them.
      binary: ['storage/raft/snapshot', 'storage/raft/snapshot-force'],
    },
  })
    .include(earlyPaths)
    .include(keyHolderPaths)
    .include(mountPaths)
    .include(authPaths)
    .include(passwordPolicyPaths)
    .include(policyPaths)
    .include(capabilityPaths)
    .include(leasePaths)
    .include(wrappingPaths)
    .include(remountPaths)
    .include(auditPaths)
    .include(corsPaths)
    .include(keyPaths)
    .include(rootKeyPaths)
    .include(generateRootPaths)
    .include(toolPaths)
    .include(uiPaths)
    .include(hostPaths)
    .include(counterPaths)
    .include(inspectPaths)
    .include(pluginPaths)
    .include(rawPaths)
    .include(uiHeaderPaths)
    .include(lockedUserPaths)
    .include(quotaPaths)
    .include(loggerPaths)
    .include(metricsPaths)
    .include(monitorPaths)
    .include(mfaPaths)
    .include(namespaceSealPaths)
    .include(namespacePaths)
    .include(controlGroupPaths)
    .include(pprofPaths)
    .include(workflowPaths)
    .include(externalKeyPaths)
    .include(openapiPaths);

export const systemEngine = declare();
/** Where the storage is raft. */
export const systemOnRaft = declare().include(raftPaths);
