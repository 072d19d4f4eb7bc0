/** Issuers by id or name, which of them is the default, and `config/ca`, the older way to the default one. */
import { equalBytes } from '../../codec/bytes.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { makeUuid } from '../../codec/uuid.ts';
import { blobOf, parseSshPublicKey } from '../../crypto/ssh/public-key.ts';
import { failure, Fault, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { pageFields } from '../../framework/page-fields.ts';
import { listing, reply, type Answer } from '../../framework/reply.ts';
import { sshPaths, type SshCall, type SshStore } from './call.ts';
import {
  allIssuers,
  DEFAULT,
  defaultIssuerId,
  findIssuer,
  issuerOf,
  newName,
  noDefault,
  referenceIn,
  setDefaultIssuer,
  shownIssuer,
  warnOfRoles,
  type Issuer,
} from './issuer.ts';
import { checkPair, KeyPairError, makeKeyPair, type KeyPair } from './key-pair.ts';

const keyFields = {
  issuer_name: field.string('A name for the issuer.'),
  private_key: field.string('A private key to sign with, as PEM.', { always: true }),
  public_key: field.string('Its public key.', { always: true }),
  generate_signing_key: field.bool('Make the keys here.', { documented: true }),
  key_type: field.string('Of keys made here: an algorithm of OpenSSH, or "rsa", "ec", "ed25519".', {
    default: 'ssh-rsa',
  }),
  key_bits: field.int('The size of an RSA key made here, or which curve an "ec" key is on.', { default: 0 }),
};

interface KeyInput {
  readonly private_key: string;
  readonly public_key: string;
  readonly generate_signing_key: boolean | undefined;
  readonly key_type: string;
  readonly key_bits: number;
}

async function keysOf(sent: KeyInput, { runtime }: SshCall): Promise<KeyPair> {
  const { public_key: publicKey, private_key: privateKey, generate_signing_key: generate } = sent;
  const none = publicKey === '' && privateKey === '';
  if (generate === true && !none) {
    throw refuse('public_key and private_key must not be set when generate_signing_key is set to true');
  }
  if (generate === true || (none && generate === undefined)) {
    try {
      return await makeKeyPair(runtime, sent.key_type, sent.key_bits);
    } catch (error) {
      throw error instanceof KeyPairError ? failure(error.message) : error;
    }
  }
  if (none) throw refuse('missing public_key');
  if (publicKey === '' || privateKey === '') {
    throw refuse(
      'only one of public_key and private_key set; both must be set to use, or both must be blank to auto-generate',
    );
  }
  checkPair(runtime, { publicKey, privateKey });
  return { publicKey, privateKey };
}

const KNOWN = 'An issuer with the provided public key already exists, returning the existing issuer';

/** Adds an issuer, unless there is one with that public key already, which then stays as it is. The first one is the default. */
async function addIssuer(
  call: SshCall,
  keys: KeyPair,
  sentName: string | undefined,
  asDefault: boolean,
): Promise<Answer> {
  return call.transaction(async (_, store) => {
    const name = await newName(store, sentName);
    const issuers = await allIssuers(store);
    const known = withPublicKey(issuers, keys.publicKey);
    if (known !== undefined) return reply({ data: shownIssuer(known), warnings: [KNOWN] });
    const issuer = { id: makeUuid((length) => call.random.bytes(length)), name, ...keys };
    await store.issuers.put(issuer.id, issuer);
    if (asDefault || issuers.length === 0) await setDefaultIssuer(store, issuer.id);
    return shownIssuer(issuer);
  });
}

function withPublicKey(issuers: readonly Issuer[], text: string): Issuer | undefined {
  const wanted = blobOf(parseSshPublicKey(text));
  return issuers.find(({ publicKey }) => equalBytes(blobOf(parseSshPublicKey(publicKey)), wanted));
}

async function deleteIssuer(store: SshStore, id: string): Promise<boolean> {
  const wasDefault = (await defaultIssuerId(store)) === id;
  if (wasDefault) await setDefaultIssuer(store, '');
  await store.issuers.delete(id);
  return wasDefault;
}

const warned = (warnings: readonly string[]): Answer =>
  warnings.length === 0 ? undefined : reply({ warnings: [...warnings] });

const purge = (call: SshCall): Promise<Answer> =>
  call.state.issuers.run(() =>
    call.transaction(async (_, store) => {
      const ids = await store.issuers.list();
      for (const id of ids) await deleteIssuer(store, id);
      return warned(ids.length === 0 ? [] : [`Deleted ${ids.length} issuers, including default issuer if configured.`]);
    }),
  );

export const configPaths = sshPaths()
  .path(
    'config/ca',
    'The default signing key.',
    keyFields,
    {
      read: {
        about: 'Read the default issuer.',
        id: { verb: 'read', suffix: 'default-ca' },
        run: async (_, { store }) => shownIssuer(await issuerOf(store, DEFAULT)),
      },
      update: {
        about: 'Make or take a signing key, and let it be the default.',
        id: { verb: 'configure', suffix: 'default-ca' },
        run: (sent, call) =>
          call.state.issuers.run(async () => addIssuer(call, await keysOf(sent, call), undefined, true)),
      },
      delete: {
        about: 'Delete every issuer.',
        id: { verb: 'purge', suffix: 'ca' },
        run: (_, call) => purge(call),
      },
    },
    { id: { prefix: 'ssh' } },
  )
  .path(
    'config/issuers',
    'Which issuer is the default.',
    { default: field.string('Id or name of an issuer.', { always: true }) },
    {
      read: {
        about: 'Read the id of the default issuer.',
        id: { suffix: 'read' },
        run: async (_, { store }) => {
          const id = await defaultIssuerId(store);
          if (id === '') throw noDefault();
          return { default: id };
        },
      },
      update: {
        about: 'Choose the default issuer.',
        id: { verb: 'write' },
        run: ({ default: sent }, call) => call.state.issuers.run(() => chooseDefault(referenceIn(sent), call)),
      },
    },
    { id: { prefix: 'ssh', suffix: 'issuer-config' } },
  );

function chooseDefault(reference: string, call: SshCall): Promise<Answer> {
  if (reference === '' || reference === DEFAULT) {
    throw refuse("invalid issuer specification; must be non-empty and can't be 'default'.");
  }
  return call.transaction(async (_, store) => {
    const { id } = await issuerOf(store, reference).catch((error: unknown) => {
      throw error instanceof Fault ? failure(`error resolving issuer reference: ${error.message}`) : error;
    });
    const before = await defaultIssuerId(store);
    if (before === id) return reply({ warnings: ['The default issuer is already set to the specified issuer.'] });
    await setDefaultIssuer(store, id);
    const resolved = reference === id ? '' : ` (resolved to ${id})`;
    const told = `Previous default (${before}) has been updated with the issuer '${reference}'${resolved}`;
    return reply({ data: { default: id }, ...(before === '' ? {} : { warnings: [told] }) });
  });
}

const issuer_ref = field.string('Id or name of an issuer, or "default".', { default: DEFAULT });

export const issuerPaths = sshPaths()
  .path(
    'issuer/:issuer_ref',
    'An issuer.',
    { issuer_ref, issuer_name: field.string('Its new name.') },
    {
      read: {
        about: 'Read an issuer without its private key.',
        id: { verb: 'read' },
        run: async (sent, { store }) => shownIssuer(await issuerOf(store, referenceIn(sent.issuer_ref))),
      },
      update: {
        about: 'Rename an issuer.',
        id: { verb: 'update' },
        run: (sent, call) => call.state.issuers.run(() => rename(sent.issuer_ref, sent.issuer_name, call)),
      },
      delete: {
        about: 'Delete an issuer.',
        id: { verb: 'delete' },
        run: (sent, call) => call.state.issuers.run(() => remove(referenceIn(sent.issuer_ref), call.store)),
      },
    },
    { id: { prefix: 'ssh', suffix: 'issuer' } },
  )
  .path(
    'issuers/import(/:issuer_name)?',
    'Add an issuer.',
    {
      ...keyFields,
      set_default: field.bool('Let it be the default one.', { default: false }),
    },
    {
      update: {
        about: 'Make or take a signing key.',
        run: (sent, call) =>
          call.state.issuers.run(async () => {
            const keys = await keysOf(sent, call);
            return addIssuer(call, keys, sent.issuer_name || undefined, sent.set_default);
          }),
      },
    },
    { id: { prefix: 'ssh', verb: 'submit', suffix: 'issuer|issuers-import-issuer_name' } },
  )
  .path(
    'issuers',
    'All issuers.',
    pageFields,
    {
      list: { about: 'List the issuers.', run: ({ after, limit }, { store }) => listed(store, after, limit) },
    },
    { id: { prefix: 'ssh', verb: 'list', suffix: 'issuers' } },
  )
  .path(
    'issuer/:issuer_ref/public_key',
    'The public key of an issuer.',
    { issuer_ref },
    {
      read: {
        about: 'Read it as text.',
        run: async (sent, { store }) => publicKeyText(await issuerOf(store, referenceIn(sent.issuer_ref))),
      },
    },
    { id: { prefix: 'ssh', verb: 'get', suffix: 'issuer' }, unauthenticated: true },
  );

export const publicKeyPath = sshPaths().path(
  'public_key',
  'The public key of the default issuer.',
  {},
  {
    read: {
      about: 'Read it as text.',
      run: async (_, { store }) => publicKeyText(await issuerOf(store, DEFAULT)),
    },
  },
  { id: { prefix: 'ssh', suffix: 'public-key' }, unauthenticated: true },
);

const publicKeyText = ({ publicKey }: Issuer): Answer =>
  reply({ raw: { status: 200, contentType: 'text/plain', body: encodeUtf8(publicKey) } });

async function rename(reference: string, sentName: string | undefined, { store }: SshCall): Promise<Answer> {
  const issuer = await issuerOf(store, referenceIn(reference));
  const name = await newName(store, sentName, issuer.name);
  if (sentName !== undefined && name === issuer.name) return shownIssuer(issuer);
  const renamed = { ...issuer, name };
  await store.issuers.put(issuer.id, renamed);
  const warnings: string[] = [];
  await warnOfRoles(store, issuer.name, warnings);
  return reply({ data: shownIssuer(renamed), ...(warnings.length === 0 ? {} : { warnings }) });
}

async function remove(reference: string, store: SshStore): Promise<Answer> {
  const id = reference === DEFAULT ? await defaultIssuerId(store) : (await findIssuer(store, reference))?.id;
  if (id === undefined || id === '') return undefined;
  const issuer = await issuerOf(store, reference);
  const warnings: string[] = [];
  if (issuer.name !== '') await warnOfRoles(store, issuer.name, warnings);
  await warnOfRoles(store, id, warnings);
  if (await deleteIssuer(store, id)) {
    warnings.push(
      `Deleted issuer ${id} (via issuer_ref ${reference}); this was configured as the default issuer. Operations without an explicit issuer will not work until a new default is configured.`,
    );
    await warnOfRoles(store, DEFAULT, warnings);
  }
  return warned(warnings);
}

async function listed(store: SshStore, after: string, limit: number): Promise<Answer> {
  const ids = await store.issuers.list({ after, limit });
  const isDefault = await defaultIssuerId(store);
  const info: Record<string, { issuer_name: string; is_default: boolean; public_key: string }> = {};
  for (const id of ids) {
    const issuer = await store.issuers.get(id);
    if (issuer === undefined) throw refuse(`ssh issuer id '${id}' does not exist`);
    info[id] = { issuer_name: issuer.name, is_default: id === isDefault, public_key: issuer.publicKey };
  }
  return reply(listing(ids, info));
}
