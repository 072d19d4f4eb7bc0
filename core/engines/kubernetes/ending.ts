/** The end of what was made in Kubernetes: with its lease, or because it was never finished. */
import { asBoolean, asString } from '../../codec/json-fields.ts';
import type { JsonObject } from '../../codec/json.ts';
import { parseRfc3339 } from '../../codec/rfc3339.ts';
import { failure } from '../../fault.ts';
import type { Answer } from '../../framework/reply.ts';
import { rollBack } from '../../framework/wal.ts';
import { MINUTE, type Micros } from '../../runtime.ts';
import type { KubernetesCall, KubernetesRunning } from './call.ts';
import { isKubernetesError, type KubernetesClient } from './client.ts';
import { clientFor } from './config.ts';

/** So long a chain of objects may take to be made. */
const UNDO_AFTER: Micros = 10 * MINUTE;

export async function revokeToken({ runtime, store, request }: KubernetesCall): Promise<Answer> {
  const client = await clientFor(runtime, await store.config.get('config'));
  const told = (name: string): string => asString(request.secret?.internal[name]) ?? '';
  const cluster = asBoolean(request.secret?.internal['cluster_role_binding']) ?? false;
  const namespace = told('service_account_namespace');
  const account = told('created_service_account');
  const binding = told('created_role_binding');
  const role = told('created_role');
  const kind = told('created_role_type');
  const bindingKind = cluster ? 'ClusterRoleBinding' : 'RoleBinding';
  const wrong = [
    role === '' ? '' : await why(client.deleteRole(kind, namespace, role), `${kind} '${namespace}/${role}'`),
    binding === ''
      ? ''
      : await why(client.deleteBinding(cluster, namespace, binding), `${bindingKind} '${namespace}/${binding}`),
  ].filter((text) => text !== '');
  const last =
    account === ''
      ? ''
      : await why(client.deleteServiceAccount(namespace, account), `ServiceAccount '${namespace}/${account}'`);
  // Upstream forgets the others when the account cannot be deleted.
  const texts = last === '' ? wrong : [last];
  if (texts.length > 0) throw failure(listed(texts));
}

/** '' when it went well. */
async function why(work: Promise<void>, what: string): Promise<string> {
  try {
    await work;
    return '';
  } catch (error) {
    if (isKubernetesError(error)) return `failed to delete ${what}: ${error.message}`;
    throw error;
  }
}

/** As Go's multierror prints them. */
const listed = (texts: readonly string[]): string =>
  `${texts.length} error${texts.length === 1 ? '' : 's'} occurred:\n${texts.map((text) => `\t* ${text}\n`).join('')}\n`;

/** What was begun and not finished; what belongs to it goes along. */
export const undo = ({ context, storage, store }: KubernetesRunning): Promise<void> =>
  rollBack(context.runtime, storage, UNDO_AFTER, async (kind, data) => {
    const client = await clientFor(context.runtime, await store.config.get('config'));
    try {
      await undoOne(client, kind, data);
    } catch (error) {
      if (!isKubernetesError(error) || context.runtime.clock.wall() <= expiration(data)) throw error;
    }
  });

function undoOne(client: KubernetesClient, kind: string, data: JsonObject): Promise<void> {
  const [namespace, name] = [asString(data['Namespace']) ?? '', asString(data['Name']) ?? ''];
  if (kind === 'role') return client.deleteRole(asString(data['RoleType']) ?? '', namespace, name);
  if (kind === 'roleBinding') return client.deleteBinding(asBoolean(data['IsCluster']) ?? false, namespace, name);
  throw failure(`unknown rollback type "${kind}"`);
}

const expiration = (data: JsonObject): Micros => parseRfc3339(asString(data['Expiration']) ?? '') ?? 0;
