/** The paths of role sets, of accounts that are there already, and of what is made for them. */
import { refuse } from '../../fault.ts';
import { quote } from '../../codec/go-quote.ts';
import { field } from '../../framework/field.ts';
import { type Answer, reply } from '../../framework/reply.ts';
import { deleteWal } from '../../framework/wal.ts';
import { type GcpAccount, type SecretType, shownAccount } from './account.ts';
import { bind, KEY_ALGORITHM, KEY_TYPE, makeAccount, makeTokenKey, takeDown } from './accounts.ts';
import { type Bindings, parseBindings } from './bindings.ts';
import { clientOf, type GcpCall, gcpPaths, told } from './call.ts';
import type { GoogleAsk } from './client.ts';
import { deleteKey, getAccount, type ServiceAccount } from './iam.ts';
import { type AccountKind, makeKey, makeToken } from './secrets.ts';

interface Wanted {
  readonly secret_type: string | undefined;
  readonly bindings: string | undefined;
  readonly token_scopes: string[] | undefined;
}

const NOTHING: Bindings = new Map();

function secretTypeOf(sent: Wanted, old: GcpAccount | undefined): SecretType {
  const type = sent.secret_type ?? old?.secretType ?? 'access_token';
  if (type !== 'access_token' && type !== 'service_account_key')
    throw refuse(`invalid "secret_type" value: ${quote(type)}`);
  if (old !== undefined && old.secretType !== type)
    throw refuse(`cannot update secret_type from ${quote(old.secretType)}`);
  return type;
}

/** What the account may do and is to make; stored when Google has agreed to all of it. */
async function setUp(
  kind: AccountKind,
  name: string,
  ask: GoogleAsk,
  { project, email }: ServiceAccount,
  sent: Wanted,
  call: GcpCall,
): Promise<void> {
  const old = await call.store[kind].get(name);
  const secretType = secretTypeOf(sent, old);
  const rawBindings = sent.bindings ?? old?.rawBindings ?? '';
  const bindings = sent.bindings === undefined ? (old?.bindings ?? NOTHING) : parseBindings(sent.bindings);
  const scopes = sent.token_scopes ?? old?.scopes ?? [];
  if (secretType === 'access_token' && scopes.length === 0) {
    throw refuse('token_scopes must be provided for generating access token secrets');
  }
  await told('unable to set IAM policy: ', () => bind(ask, email, old?.bindings ?? NOTHING, bindings));
  const tokenKey =
    secretType === 'access_token'
      ? (old?.tokenKey ?? (await told('', () => makeTokenKey(ask, { project, email }))))
      : undefined;
  await call.store[kind].put(name, { secretType, project, email, rawBindings, bindings, scopes, tokenKey });
}

async function putRoleset(
  sent: Wanted & { readonly name: string; readonly project: string | undefined },
  call: GcpCall,
) {
  const old = await call.store.roleset.get(sent.name);
  const ask = await clientOf(call.running);
  if (old !== undefined) {
    if (sent.project !== undefined && sent.project !== old.project)
      throw refuse(`cannot update project from ${quote(old.project)}`);
    return setUp('roleset', sent.name, ask, old, sent, call);
  }
  if (sent.project === undefined) throw refuse('project is required argument for new role set');
  if (sent.bindings === undefined) throw refuse('bindings are required for new role set');
  // All that can be wrong without asking Google, before there is anything at Google.
  secretTypeOf(sent, undefined);
  parseBindings(sent.bindings);
  const { account, note } = await told('', () => makeAccount(ask, sent.project!, sent.name, call));
  await setUp('roleset', sent.name, ask, account, sent, call);
  await deleteWal(call.storage, note);
}

async function putStatic(
  sent: Wanted & { readonly name: string; readonly service_account_email: string | undefined },
  call: GcpCall,
): Promise<void> {
  const old = await call.store['static-account'].get(sent.name);
  const email = sent.service_account_email ?? old?.email;
  if (email === undefined || email === '') throw refuse('email must be provided');
  if (old !== undefined && old.email !== email) throw refuse('cannot update service_account_email');
  const ask = await clientOf(call.running);
  const account = await told('unable to create static account, could not confirm service account exists: ', () =>
    getAccount(ask, email),
  );
  await setUp('static-account', sent.name, ask, account, sent, call);
}

async function deleteAccountOf(kind: AccountKind, name: string, call: GcpCall): Promise<Answer> {
  const account = await call.store[kind].get(name);
  if (account === undefined) return undefined;
  await call.store[kind].delete(name);
  const warnings = await takeDown(account, kind === 'roleset', call);
  return warnings.length === 0 ? undefined : reply({ warnings: [...warnings] });
}

/** A new key for the account's tokens; only afterwards the old one goes. */
async function rotateKey(kind: AccountKind, name: string, call: GcpCall): Promise<void> {
  const account = await call.store[kind].get(name);
  if (account === undefined) throw refuse(`${kind} ${quote(name)} not found`);
  if (account.tokenKey === undefined)
    throw refuse(`cannot rotate key for ${kind} with secret type ${account.secretType}`);
  const ask = await clientOf(call.running);
  const tokenKey = await told('', () => makeTokenKey(ask, account));
  await call.store[kind].put(name, { ...account, tokenKey });
  const { name: old } = account.tokenKey;
  await told('unable to delete old key: ', () => deleteKey(ask, old));
}

/** Another account in the place of a role set's own, with the same rights: whatever was made for the old one is good no more. */
async function rotateAccount(name: string, call: GcpCall): Promise<Answer> {
  const old = await call.store.roleset.get(name);
  if (old === undefined) throw refuse(`roleset '${name}' not found`);
  const ask = await clientOf(call.running);
  const { account, note } = await told('', () => makeAccount(ask, old.project, name, call));
  await told('unable to set IAM policy: ', () => bind(ask, account.email, NOTHING, old.bindings));
  const tokenKey = old.tokenKey === undefined ? undefined : await told('', () => makeTokenKey(ask, account));
  await call.store.roleset.put(name, { ...old, ...account, tokenKey });
  await deleteWal(call.storage, note);
  const warnings = await takeDown(old, true, call);
  return warnings.length === 0 ? undefined : reply({ warnings: [...warnings] });
}

const wanted = {
  secret_type: field.string('access_token or service_account_key.'),
  bindings: field.string('Roles by resource, as HCL or JSON, also in base64.'),
  token_scopes: field.commaStrings('Scopes of its tokens.'),
};

const keyFields = {
  key_algorithm: field.string('Of the key.', { default: KEY_ALGORITHM, query: true }),
  key_type: field.string('The form that the key comes in.', { default: KEY_TYPE, query: true }),
  ttl: field.seconds('Until the key has to be renewed.', { default: 0, query: true }),
};

const name = field.string('Name of the account.', { required: true });

const shownOf =
  (kind: AccountKind) =>
  async (sent: { readonly name: string }, { store }: GcpCall): Promise<Answer> => {
    const account = await store[kind].get(sent.name);
    return account && shownAccount(account);
  };

const tokenOf = (kind: AccountKind) => {
  const run = (sent: { readonly name: string }, call: GcpCall): Promise<Answer> => makeToken(kind, sent.name, call);
  return { read: { about: 'Make a token.', run }, update: { about: 'Make a token.', run } };
};

const keyOf = (kind: AccountKind) => {
  const run = (
    sent: { readonly name: string; readonly key_algorithm: string; readonly key_type: string; readonly ttl: number },
    call: GcpCall,
  ): Promise<Answer> => makeKey(kind, sent.name, sent, call);
  return { read: { about: 'Make a key.', run }, update: { about: 'Make a key.', run } };
};

const exists =
  (kind: AccountKind) =>
  async (sent: { readonly name: string }, { store }: GcpCall): Promise<boolean> =>
    (await store[kind].get(sent.name)) !== undefined;

export const accountPaths = gcpPaths()
  .path(
    'roleset/:name',
    'An account of its own.',
    { name, project: field.string('Where the account is.'), ...wanted },
    {
      read: { about: 'Read a role set.', run: shownOf('roleset') },
      write: { about: 'Make an account, or change what it may do.', forward: true, run: putRoleset },
      delete: {
        about: 'Delete the account.',
        forward: true,
        run: (sent, call) => deleteAccountOf('roleset', sent.name, call),
      },
    },
    { exists: exists('roleset') },
  )
  .path(
    'rolesets?',
    'Names of the role sets.',
    {},
    {
      list: { about: 'List the role sets.', run: (_, { store }) => store.roleset.list() },
    },
  )
  .path(
    'roleset/:name/rotate',
    'The account of a role set.',
    { name },
    { update: { about: 'Make a new account.', forward: true, run: (sent, call) => rotateAccount(sent.name, call) } },
    { id: { verb: 'rotate', suffix: 'roleset' } },
  )
  .path(
    'roleset/:name/rotate-key',
    'The key of its tokens.',
    { name },
    {
      update: { about: 'Make a new key.', forward: true, run: (sent, call) => rotateKey('roleset', sent.name, call) },
    },
  )
  .path('roleset/:name/token', 'A token.', { name }, tokenOf('roleset'))
  .path('roleset/:name/key', 'A key with a lease.', { name, ...keyFields }, keyOf('roleset'))
  .path('token/:name', 'A token of a role set.', { name }, tokenOf('roleset'))
  .path('key/:name', 'A key of a role set.', { name, ...keyFields }, keyOf('roleset'))
  .path(
    'static-account/:name',
    'An account that is there already.',
    { name, service_account_email: field.string('Which one.'), ...wanted },
    {
      read: { about: 'Read a static account.', run: shownOf('static-account') },
      write: { about: 'Take over an account, or change what it may do.', forward: true, run: putStatic },
      delete: {
        about: 'Take away what it was given; the account stays.',
        forward: true,
        run: (sent, call) => deleteAccountOf('static-account', sent.name, call),
      },
    },
    { exists: exists('static-account') },
  )
  .path(
    'static-accounts?',
    'Names of the static accounts.',
    {},
    {
      list: { about: 'List the static accounts.', run: (_, { store }) => store['static-account'].list() },
    },
  )
  .path(
    'static-account/:name/rotate-key',
    'The key of its tokens.',
    { name },
    {
      update: {
        about: 'Make a new key.',
        forward: true,
        run: (sent, call) => rotateKey('static-account', sent.name, call),
      },
    },
  )
  .path('static-account/:name/token', 'A token.', { name }, tokenOf('static-account'))
  .path('static-account/:name/key', 'A key with a lease.', { name, ...keyFields }, keyOf('static-account'));
