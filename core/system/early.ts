/**
 * What the HTTP layer answers before there is an unsealed core: declared here so that help and OpenAPI know of it.
 * Requests for anything but help never come this far.
 */
import { AssertionError } from '../assert.ts';
import { field } from '../framework/field.ts';
import { systemPaths } from './context.ts';

const answered = (): never => {
  throw new AssertionError('the HTTP layer has answered');
};

const text = (about: string) => field.string(about, { default: '' });
const number = (about: string) => field.int(about, { default: 0 });

const initFields = {
  secret_shares: number('Into how many shares the unseal key is split.'),
  secret_threshold: number('How many of them unseal.'),
  pgp_keys: field.strings('OpenPGP keys, one a share, in base64: each share is encrypted to its key.', { default: [] }),
  recovery_shares: number('Into how many shares the recovery key is split, with auto-unseal.'),
  recovery_threshold: number('How many of them are needed.'),
  recovery_pgp_keys: field.strings('As pgp_keys, for the recovery shares.', { default: [] }),
  root_token_pgp_key: text('An OpenPGP key in base64, to which the root token is encrypted.'),
};

const unsealFields = {
  key: text('One share.'),
  reset: field.bool('Forgets the shares that were given.', { default: false }),
};

export const earlyPaths = systemPaths()
  .path(
    'health',
    'Whether this node is initialised, unsealed and active.',
    {},
    { read: { about: 'By the status of the answer.', id: { suffix: 'health-status' }, run: answered } },
    { unauthenticated: true },
  )
  .path(
    'init',
    'Makes the keys of a new server.',
    initFields,
    {
      read: { about: 'Whether that was done.', id: { suffix: 'initialization-status' }, run: answered },
      update: { about: 'Does it, once.', id: { verb: 'initialize', suffix: 'system' }, run: answered },
    },
    { unauthenticated: true },
  )
  .path(
    'leader',
    'Which node is active.',
    {},
    { read: { about: 'Its addresses.', id: { verb: 'leader', suffix: 'status' }, run: answered } },
    { unauthenticated: true },
  )
  .path(
    'seal-status',
    'Whether this node is sealed.',
    {},
    { read: { about: 'And how far its unsealing is.', id: { verb: 'seal-status' }, run: answered } },
    { unauthenticated: true },
  )
  .path('seal', 'Seals this node.', {}, { update: { id: { verb: 'seal' }, run: answered } })
  .path('step-down', '', {}, { update: { id: { verb: 'step-down', suffix: 'leader' }, run: answered } })
  .path(
    'unseal',
    'Gives this node a share of its unseal key.',
    unsealFields,
    { update: { about: 'Enough of them unseal it.', id: { verb: 'unseal' }, run: answered } },
    { unauthenticated: true },
  );

const generation = (suffix: string) => ({ id: { verb: 'root-token-generation', suffix }, run: answered });
const rekeying = (suffix: string) => ({ id: { verb: 'rekey', suffix }, run: answered });
const shareFields = { key: text('One share.'), nonce: text('Of the attempt that it is for.') };
const pgpFields = { pgp_key: text('An OpenPGP key in base64, to which the token is encrypted.') };
const verificationFields = { key: text('One of the new shares.'), nonce: text('Of the verification.') };
const rekeyFields = {
  secret_shares: number('Into how many shares the new key is split.'),
  secret_threshold: number('How many of them unseal.'),
  pgp_keys: initFields.pgp_keys,
  backup: field.bool('Keeps the encrypted shares.', { default: false }),
  require_verification: field.bool('Asks for the new shares before the old ones are given up.', { default: false }),
};

/** Without a token, and off unless the listener says otherwise (facts §1.9). */
export const keyHolderPaths = systemPaths()
  .path('generate-root', 'Makes a root token.', pgpFields, {
    read: generation('read-progress2'),
    update: generation('initialize-2'),
    delete: generation('cancel-2'),
  })
  .path(
    'generate-root/attempt',
    'An attempt to make a root token.',
    pgpFields,
    { read: generation('read-progress'), update: generation('initialize'), delete: generation('cancel') },
    { unauthenticated: true },
  )
  .path(
    'generate-root/update',
    'Gives the attempt a share.',
    shareFields,
    { update: generation('update') },
    { unauthenticated: true },
  )
  .path(
    'rekey/init',
    'An attempt to replace the unseal key.',
    rekeyFields,
    {
      read: rekeying('attempt-read-progress'),
      update: rekeying('attempt-initialize'),
      delete: rekeying('attempt-cancel'),
    },
    { unauthenticated: true },
  )
  .path(
    'rekey/update',
    'Gives the attempt a share.',
    shareFields,
    { update: rekeying('attempt-update') },
    { unauthenticated: true },
  )
  .path(
    'rekey/verify',
    'Proves that the new shares were received.',
    verificationFields,
    {
      read: rekeying('verification-read-progress'),
      update: rekeying('verification-update'),
      delete: rekeying('verification-cancel'),
    },
    { unauthenticated: true },
  );
