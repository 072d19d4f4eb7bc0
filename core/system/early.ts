/**
 * What the HTTP layer answers before there is an unsealed core: declared here so that help and OpenAPI know of it.
 * Of other requests only those come this far that name a namespace in their path, and those whose endpoints without a
 * token are off.
 */
import { AssertionError } from '../assert.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { type JsonValue, print } from '../codec/json.ts';
import { unsupportedOperation } from '../fault.ts';
import { type Fields, field } from '../framework/field.ts';
import { reply } from '../framework/reply.ts';
import { systemPaths } from './context.ts';

const answered = (): never => {
  throw new AssertionError('the HTTP layer has answered');
};

/** Without an envelope. */
const bare = async (body: Promise<JsonValue>) =>
  reply({ raw: { status: 200, contentType: 'application/json', body: encodeUtf8(print(await body)) } });

const text = (about: string) => field.string(about, { always: true });
const number = (about: string) => field.int(about, { always: true });

const initFields = {
  secret_shares: number('Into how many shares the unseal key is split.'),
  secret_threshold: number('How many of them unseal.'),
  pgp_keys: field.strings('OpenPGP keys, one a share, in base64: each share is encrypted to its key.', {
    always: true,
  }),
  recovery_shares: number('Into how many shares the recovery key is split, with auto-unseal.'),
  recovery_threshold: number('How many of them are needed.'),
  recovery_pgp_keys: field.strings('As pgp_keys, for the recovery shares.', { always: true }),
  root_token_pgp_key: text('An OpenPGP key in base64, to which the root token is encrypted.'),
};

/** They are read from the query by the HTTP layer. */
const healthFields = {
  standbyok: field.bool('A standby answers as the active node does.', { always: true }),
  activecode: number('Status of an active node.'),
  standbycode: number('Status of a standby.'),
  sealedcode: number('Status of a sealed node.'),
  uninitcode: number('Status of a node without keys.'),
};

const unsealFields = {
  key: text('One share.'),
  reset: field.bool('Forgets the shares that were given.', { always: true }),
};

export const earlyPaths = systemPaths()
  .path(
    'health',
    'Whether this node is initialised, unsealed and active.',
    healthFields,
    { read: { about: 'By the status of the answer.', run: answered } },
    { unauthenticated: true },
  )
  .path(
    'init',
    'Makes the keys of a new server.',
    initFields,
    {
      read: { about: 'Whether that was done.', run: answered },
      update: { about: 'Does it, once.', run: answered },
    },
    { unauthenticated: true },
  )
  .path(
    'leader',
    'Which node is active.',
    {},
    { read: { about: 'Its addresses.', run: (_, { context }) => bare(context.node.leaderStatus()) } },
    { unauthenticated: true },
  )
  .path(
    'seal-status',
    'Whether this node is sealed.',
    {},
    { read: { about: 'And how far its unsealing is.', run: (_, { context }) => bare(context.node.sealStatus()) } },
    { unauthenticated: true },
  )
  .path('seal', 'Seals this node.', {}, { update: { run: answered } }, { sudoUndocumented: true })
  .path('step-down', '', {}, { update: { run: answered } }, { sudoUndocumented: true })
  .path(
    'unseal',
    'Gives this node a share of its unseal key.',
    unsealFields,
    { update: { about: 'Enough of them unseal it.', run: answered } },
    { unauthenticated: true },
  );

const shareFields = { key: text('One share.'), nonce: text('Of the attempt that it is for.') };
const pgpFields = { pgp_key: text('An OpenPGP key in base64, to which the token is encrypted.') };
const verificationFields = { key: text('One of the new shares.'), nonce: text('Of the verification.') };
const rekeyFields = {
  secret_shares: number('Into how many shares the new key is split.'),
  secret_threshold: number('How many of them unseal.'),
  pgp_keys: initFields.pgp_keys,
  backup: field.bool('Keeps the encrypted shares.', { always: true }),
  require_verification: field.bool('Asks for the new shares before the old ones are given up.', { always: true }),
};

/** Whoever refuses does not look at what was sent. */
function unread<F extends Fields>(fields: F): F {
  const blind = Object.entries(fields).map(([name, one]) => [name, { ...one, decode: () => undefined }]);
  return Object.fromEntries(blind) as F;
}

/** The HTTP layer has answered, unless they are off, or nobody ever does (`generate-root` itself). */
const unsupported = (): never => {
  throw unsupportedOperation();
};

/** Without a token, and off unless the listener says otherwise (facts §1.9). */
export const keyHolderPaths = systemPaths()
  .path(
    'generate-root(/attempt)?',
    'An attempt to make a root token.',
    unread(pgpFields),
    { read: { run: unsupported }, update: { run: unsupported }, delete: { run: unsupported } },
    { unauthenticated: 'generate-root/attempt' },
  )
  .path(
    'generate-root/update',
    'Gives the attempt a share.',
    unread(shareFields),
    { update: { run: unsupported } },
    { unauthenticated: true },
  )
  .path(
    'rekey/init',
    'An attempt to replace the unseal key.',
    unread(rekeyFields),
    {
      read: { run: unsupported },
      update: { run: unsupported },
      delete: { run: unsupported },
    },
    { unauthenticated: true },
  )
  .path(
    'rekey/update',
    'Gives the attempt a share.',
    unread(shareFields),
    { update: { run: unsupported } },
    { unauthenticated: true },
  )
  .path(
    'rekey/verify',
    'Proves that the new shares were received.',
    unread(verificationFields),
    {
      read: { run: unsupported },
      update: { run: unsupported },
      delete: { run: unsupported },
    },
    { unauthenticated: true },
  );
