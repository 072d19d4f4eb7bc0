/** sys/internal/inspect: the router's tables and the request itself, for those who debug. */
import type { JsonObject } from '../codec/json.ts';
import { field } from '../framework/field.ts';
import { refuse, unsupportedPath } from '../fault.ts';
import type { Request } from '../framework/logical.ts';
import { clientIdOf } from '../server/client-id.ts';
import type { Route } from '../server/router.ts';
import type { SystemNode } from './context.ts';
import { kindOf } from '../server/mounts/defaults.ts';
import { systemPaths } from './context.ts';

const shown = ({ entry, prefix, tainted }: Route, tag: string): JsonObject => ({
  accessor: entry.accessor,
  mount_namespace: '',
  mount_path: entry.path,
  mount_type: entry.type,
  uuid: entry.uuid,
  ...(tag === 'root' || tag === 'storage'
    ? { storage_prefix: kindOf(entry.type) === 'token' ? 'sys/token/' : prefix, tainted }
    : {}),
});

const TAGS: ReadonlySet<string> = new Set(['root', 'uuid', 'accessor', 'storage']);

function table(node: SystemNode, tag: string): JsonObject {
  if (!TAGS.has(tag)) throw unsupportedPath();
  if (!node.settings.introspection) {
    throw refuse('the Vault configuration must set "introspection_endpoint" to true to enable this endpoint');
  }
  return { [tag]: [...node.active().mounts.router.all()].map((route) => shown(route, tag)) };
}

/** What the system's mount lets through, whatever it is tuned to. */
function headersOf({ headers }: Request): JsonObject {
  const accept = headers.get('accept');
  return accept === undefined ? {} : { Accept: [...accept] };
}

/** The request as upstream's Go structure prints. */
function requestFacts(request: Request, node: SystemNode): JsonObject {
  const { caller, data } = request;
  return {
    ClientTokenSource: 1,
    InboundSSCToken: '',
    auth: null,
    client_id: caller === undefined ? '' : clientIdOf(caller, node.active().runtime.crypto),
    client_token: request.clientToken,
    client_token_accessor: caller?.accessor ?? '',
    client_token_remaining_uses: 0,
    connection: {
      ConnState: null,
      peer_certificates: null,
      proxied_certificates: null,
      remote_addr: request.remote.address,
      remote_port: request.remote.port,
    },
    display_name: caller?.displayName ?? '',
    entity_id: caller?.entityId ?? '',
    headers: headersOf(request),
    id: request.id,
    map: Object.keys(data).length === 0 ? null : data,
    mfa_creds: null,
    mount_accessor: '',
    mount_point: `${request.namespace.path}sys/`,
    mount_type: request.namespace.path === '' ? 'system' : 'ns_system',
    operation: 'read',
    path: request.path,
    policy_override: false,
    replication_cluster: '',
    secret: null,
    unauthenticated: false,
    wrap_info: null,
  };
}

export const inspectPaths = systemPaths()
  .path(
    'internal/inspect/request',
    'The request itself.',
    {},
    {
      read: {
        about: 'What a backend sees of it.',
        run: (_, { context: { node, system }, request }) => ({
          cluster_id: system.clusterId,
          cluster_id_error: null,
          data: request.data,
          entity: null,
          entity_error: null,
          groups: null,
          groups_error: null,
          plugin_env: { vault_version: node.settings.version },
          plugin_env_error: null,
          req: requestFacts(request, node),
          vault_version: node.settings.version,
          vault_version_error: null,
        }),
      },
    },
  )
  .path(
    'internal/inspect/router/:tag',
    "The router's tables.",
    { tag: field.string('Which of them.', { required: true }) },
    { read: { about: 'One table.', run: ({ tag }, { context }) => table(context.node, tag) } },
  );
