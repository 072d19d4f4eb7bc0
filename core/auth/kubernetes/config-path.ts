/** `config`: how the API is reached, and with which keys tokens are verified before it is asked. */
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { parsePublicKey } from '../../framework/jwt/public-key.ts';
import { notInPod } from '../../framework/kubernetes/pod.ts';
import { kubernetesPaths, type KubernetesCall } from './memory.ts';
import type { KubernetesConfig } from './config.ts';

/** With what is to be found in the pod; undefined when nothing is configured. */
export async function effectiveConfig({ store, state }: KubernetesCall): Promise<KubernetesConfig | undefined> {
  const stored = await store.config.get('config');
  if (stored === undefined || stored.onlyConfigured) return stored;
  const reviewerToken = stored.reviewerToken === '' ? ((await state.token.read()) ?? '') : stored.reviewerToken;
  const ca = stored.ca === '' ? await state.authority.read() : stored.ca;
  if (ca === undefined) throw failure(notInPod('ca.crt'));
  return { ...stored, reviewerToken, ca };
}

const fields = {
  kubernetes_host: field.string('Address of the API: a URL, or what may stand before its paths.'),
  kubernetes_ca_cert: field.string('PEM of the authority of the API.', {
    display: { name: 'Kubernetes CA Certificate' },
  }),
  token_reviewer_jwt: field.string(
    'The token to ask the API with whether others are good. Without it the pod asks with its own, and outside of a pod who logs in with theirs.',
    { display: { name: 'Token Reviewer JWT' } },
  ),
  pem_keys: field.commaStrings('PEM of keys, or of certificates of keys, of which one has to have signed a token.', {
    display: { name: 'Service account verification keys' },
  }),
  issuer: field.string('What the issuer of a token has to be.', {
    deprecated: true,
    display: { name: 'JWT Issuer' },
  }),
  disable_iss_validation: field.bool('Whether the issuer of a token may be any.', {
    default: true,
    deprecated: true,
    display: { name: 'Disable JWT Issuer Validation' },
  }),
  disable_local_ca_jwt: field.bool('Whether authority and token are not looked for in the pod.', {
    default: false,
    display: { name: 'Disable use of local CA and service account JWT' },
  }),
};

type Input = { readonly [K in keyof typeof fields]: (typeof fields)[K]['fallback'] } & {
  readonly disable_iss_validation: boolean;
  readonly disable_local_ca_jwt: boolean;
};

async function write(input: Input, { store, state }: KubernetesCall): Promise<void> {
  const { kubernetes_host: host = '', kubernetes_ca_cert: ca = '', pem_keys: publicKeys = [] } = input;
  if (host === '') throw refuse('no host provided');
  if (input.disable_local_ca_jwt && ca === '') {
    throw refuse('kubernetes_ca_cert must be given when disable_local_ca_jwt is true');
  }
  for (const pem of publicKeys) {
    try {
      parsePublicKey(pem);
    } catch (error) {
      throw refuse((error as Error).message);
    }
  }
  if (ca === '' && (await state.authority.read()) === undefined) throw refuse(notInPod('ca.crt'));
  await store.config.put('config', {
    publicKeys,
    host,
    ca,
    reviewerToken: input.token_reviewer_jwt ?? '',
    issuer: input.issuer ?? '',
    anyIssuer: input.disable_iss_validation,
    onlyConfigured: input.disable_local_ca_jwt,
  });
}

export const configPath = kubernetesPaths().path(
  'config',
  'How the API is reached, and which keys sign tokens.',
  fields,
  {
    read: {
      about: 'Read how the API is reached.',
      id: { suffix: 'auth-configuration' },
      run: async (_, { store }) => {
        const stored = await store.config.get('config');
        return (
          stored && {
            kubernetes_host: stored.host,
            kubernetes_ca_cert: stored.ca,
            pem_keys: stored.publicKeys,
            issuer: stored.issuer,
            disable_iss_validation: stored.anyIssuer,
            disable_local_ca_jwt: stored.onlyConfigured,
            token_reviewer_jwt_set: stored.reviewerToken !== '',
          }
        );
      },
    },
    update: {
      about: 'Set how the API is reached.',
      id: { verb: 'configure', suffix: 'auth' },
      run: (input, call) => call.state.writing(() => write(input, call)),
    },
  },
  { help: 'What is not sent is as if it had never been set.', id: { prefix: 'kubernetes' } },
);
