/** How the API is reached: what was configured, and what a pod of Kubernetes finds around it. */
import { asBoolean, asObject, asString } from '../../codec/json-fields.ts';
import type { JsonValue } from '../../codec/json.ts';
import { decodePem } from '../../codec/pem.ts';
import { failure } from '../../fault.ts';
import type { Form } from '../../framework/collection.ts';
import { notInPod, readPod } from '../../framework/kubernetes/pod.ts';
import type { Runtime } from '../../runtime.ts';
import { isKubernetesError, KubernetesClient } from './client.ts';

export interface Config {
  readonly host: string;
  readonly ca: string;
  readonly token: string;
  /** Do not look for authority and token in the pod. */
  readonly onlyConfigured: boolean;
}

export const configForm: Form<Config> = {
  encode: ({ host, ca, token, onlyConfigured }) =>
    new Map<string, JsonValue>([
      ['kubernetes_host', host],
      ['kubernetes_ca_cert', ca],
      ['service_account_jwt', token],
      ['disable_local_ca_jwt', onlyConfigured],
    ]),
  decode(stored) {
    const fields = asObject(stored) ?? {};
    return {
      host: asString(fields['kubernetes_host']) ?? '',
      ca: asString(fields['kubernetes_ca_cert']) ?? '',
      token: asString(fields['service_account_jwt']) ?? '',
      onlyConfigured: asBoolean(fields['disable_local_ca_jwt']) ?? false,
    };
  },
};

export const HOST_VARIABLES = ['KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT_HTTPS'];

export const missingVariables = ({ environment }: Runtime): readonly string[] =>
  HOST_VARIABLES.filter((name) => (environment?.(name) ?? '') === '');

/** The API of the cluster that this node runs in; undefined outside of one. */
export function hostOfPod(runtime: Runtime): string | undefined {
  if (missingVariables(runtime).length > 0) return undefined;
  const [host, port] = HOST_VARIABLES.map((name) => runtime.environment!(name)!);
  return `https://${host}:${port}`;
}

/** Rejects with a Fault when the API cannot be reached with what there is. */
export async function clientFor(runtime: Runtime, config: Config | undefined): Promise<KubernetesClient> {
  if (config === undefined) throw failure('could not load backend configuration');
  const host = config.host === '' ? hostOfPod(runtime) : config.host;
  if (host === undefined) {
    throw failure('kubernetes_host was unset and could not determine it from environment variables');
  }
  let { token, ca } = config;
  if (!config.onlyConfigured) {
    if (token === '') token = (await readPod(runtime, 'token')) ?? '';
    if (ca === '') ca = await authorityOfPod(runtime);
  }
  if (ca !== '' && decodePem(ca) === undefined) {
    throw failure('unable to load root certificates: unable to parse bytes as PEM block');
  }
  try {
    return new KubernetesClient(runtime, { host, ca, token });
  } catch (error) {
    throw isKubernetesError(error) ? failure(error.message) : error;
  }
}

async function authorityOfPod(runtime: Runtime): Promise<string> {
  const ca = await readPod(runtime, 'ca.crt');
  if (ca === undefined) throw failure(notInPod('ca.crt'));
  return ca;
}
