/** How a pod reaches the API of its cluster: what Kubernetes gives to each. */
import { decodePems } from '../../codec/pem.ts';
import { parseCertificate } from '../../crypto/x509/certificate.ts';
import { unlessMalformed } from '../../crypto/x509/error.ts';
import { failure } from '../../fault.ts';
import { notInPod, readPod } from '../../framework/kubernetes/pod.ts';
import type { Runtime } from '../../runtime.ts';

export interface InCluster {
  /** Without path. */
  readonly base: string;
  readonly token: string;
  /** PEM. */
  readonly ca: string;
}

/** Rejects with a Fault outside of a pod. */
export async function inCluster(runtime: Runtime): Promise<InCluster> {
  const [host = '', port = ''] = ['HOST', 'PORT'].map((name) => runtime.environment?.(`KUBERNETES_SERVICE_${name}`));
  if (host === '' || port === '') {
    throw failure(
      'unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined',
    );
  }
  const [token, ca] = [await fileOf(runtime, 'token'), await fileOf(runtime, 'ca.crt')];
  if (!decodePems(ca).some(({ bytes }) => unlessMalformed(() => parseCertificate(bytes)) !== undefined)) {
    throw failure('error reading certs: data does not contain any valid RSA or ECDSA certificates');
  }
  return { base: `https://${host.includes(':') ? `[${host}]` : host}:${port}`, token, ca };
}

async function fileOf(runtime: Runtime, name: 'token' | 'ca.crt'): Promise<string> {
  const text = await readPod(runtime, name);
  if (text === undefined) throw failure(notInPod(name));
  return text;
}
