/** The registration that a configuration asks for. */
import { Fault } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import type { Stanza } from '../configuration/configuration.ts';
import { ConfigurationError } from '../configuration/values.ts';
import { variableOf } from '../configuration/variable.ts';
import { inCluster } from './in-cluster.ts';
import { KubernetesRegistration, LOGGER } from './kubernetes.ts';
import { PodClient } from './pod-client.ts';
import type { Registration } from './registration.ts';

/** Rejects with ConfigurationError. */
export async function configuredRegistration(
  runtime: Runtime,
  { type, settings }: Stanza,
  version: string,
): Promise<Registration> {
  if (type !== 'kubernetes') throw new ConfigurationError(`unknown service_registration type ${type}`);
  const required = (name: string, variable: string): string => {
    const value = variableOf(runtime, variable) || (settings[name] ?? '');
    const full = `BAO_${variable}`;
    if (value === '') throw initialising(`${name} must be provided via "${full}" or the "${name}" config parameter`);
    runtime.log.write('debug', LOGGER, `"${name}": "${value}"`);
    return value;
  };
  const namespace = required('namespace', 'K8S_NAMESPACE');
  const pod = required('pod_name', 'K8S_POD_NAME');
  try {
    const client = new PodClient(runtime, await inCluster(runtime), namespace, pod);
    return new KubernetesRegistration(runtime, client, version);
  } catch (error) {
    throw error instanceof Fault ? initialising(error.message) : error;
  }
}

const initialising = (why: string): ConfigurationError =>
  new ConfigurationError(`Error initializing service_registration of type kubernetes: ${why}`);
