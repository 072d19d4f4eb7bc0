/** The paths of the configuration, and of accounts that the engine speaks for without a key. */
import { refuse } from '../../fault.ts';
import { parseGoogleAccount } from '../../crypto/google-account.ts';
import { field } from '../../framework/field.ts';
import { SECOND } from '../../runtime.ts';
import { clientOf, gcpPaths, told } from './call.ts';
import { noConfig } from './config.ts';
import { getAccount } from './iam.ts';
import { rotateRoot } from './root-key.ts';
import { makeImpersonatedToken } from './secrets.ts';

const USUAL_TTL = 3_600;

function checkedCredentials(text: string): string {
  try {
    parseGoogleAccount(text);
  } catch (error) {
    throw refuse(`invalid credentials JSON file: ${error instanceof Error ? error.message : String(error)}`);
  }
  return text;
}

const name = field.string('Name of the account.', { required: true });

export const otherPaths = gcpPaths()
  .path(
    'config',
    'Who the engine is at Google.',
    {
      credentials: field.string('The file of a service account.'),
      ttl: field.seconds('Until a key has to be renewed.'),
      max_ttl: field.seconds('Until a key cannot be renewed.'),
      service_account_email: field.string('Kept, and shown.'),
    },
    {
      read: {
        about: 'Read how long keys last.',
        id: { verb: 'read', suffix: 'configuration' },
        run: async (_, { store }) => {
          const config = await store.config.get('config');
          return (
            config && {
              ttl: config.ttl / SECOND,
              max_ttl: config.maxTtl / SECOND,
              service_account_email: config.serviceAccountEmail,
            }
          );
        },
      },
      update: {
        about: 'Set who the engine is, or change what is said of it.',
        id: { verb: 'configure' },
        run: async (sent, { store, state }) => {
          const old = (await store.config.get('config')) ?? noConfig;
          await store.config.put('config', {
            credentials: sent.credentials === undefined ? old.credentials : checkedCredentials(sent.credentials),
            ttl: sent.ttl === undefined ? old.ttl : sent.ttl * SECOND,
            maxTtl: sent.max_ttl === undefined ? old.maxTtl : sent.max_ttl * SECOND,
            serviceAccountEmail: sent.service_account_email ?? old.serviceAccountEmail,
          });
          state.forget();
        },
      },
    },
  )
  .path(
    'config/rotate-root',
    "The key of the engine's own account.",
    {},
    { update: { about: 'Make a new key and delete the old one.', forward: true, run: (_, call) => rotateRoot(call) } },
    { id: { verb: 'rotate', suffix: 'root-credentials' } },
  )
  .path(
    'impersonated-account/:name',
    'An account that the engine may speak for.',
    {
      name,
      service_account_email: field.string('Which one.'),
      token_scopes: field.commaStrings('Scopes of its tokens.'),
      ttl: field.seconds('How long its tokens last.'),
    },
    {
      read: {
        about: 'Read an impersonated account.',
        run: async (sent, { store }) => {
          const account = await store.impersonated.get(sent.name);
          return (
            account && {
              service_account_email: account.email,
              service_account_project: account.project,
              token_scopes: [...account.scopes],
              ttl: account.ttl,
            }
          );
        },
      },
      write: {
        about: 'Name an account, or change what its tokens may do.',
        run: async (sent, call) => {
          const { store } = call;
          const old = await store.impersonated.get(sent.name);
          const email = sent.service_account_email ?? old?.email ?? '';
          if (email === '') throw refuse('email must be provided');
          if (old !== undefined && old.email !== email) throw refuse('cannot update service_account_email');
          const scopes = sent.token_scopes ?? old?.scopes ?? [];
          if (scopes.length === 0) throw refuse('token_scopes must be provided for generating access token secrets');
          const ask = await clientOf(call.running);
          const { project } = await told(
            'unable to create impersonated account, could not confirm service account exists: ',
            () => getAccount(ask, email),
          );
          await store.impersonated.put(sent.name, { email, project, scopes, ttl: sent.ttl ?? old?.ttl ?? USUAL_TTL });
        },
      },
      delete: { about: 'Forget an account.', run: (sent, { store }) => store.impersonated.delete(sent.name) },
    },
    { exists: async (sent, { store }) => (await store.impersonated.get(sent.name)) !== undefined },
  )
  .path(
    'impersonated-accounts?',
    'Names of the impersonated accounts.',
    {},
    {
      list: { about: 'List the impersonated accounts.', run: (_, { store }) => store.impersonated.list() },
    },
  )
  .path(
    'impersonated-account/:name/token',
    'A token.',
    { name },
    {
      read: { about: 'Make a token.', run: (sent, call) => makeImpersonatedToken(sent.name, call) },
      update: { about: 'Make a token.', run: (sent, call) => makeImpersonatedToken(sent.name, call) },
    },
  );
