/** sys/rotate/{root,recovery}: new unseal or recovery keys, made by those who hold the present ones. */
import { encodeBase64 } from '../codec/base64.ts';
import { encodeHex } from '../codec/hex.ts';
import type { JsonObject } from '../codec/json.ts';
import { type Fault, refuse, refuseAs } from '../fault.ts';
import { field } from '../framework/field.ts';
import type { Request } from '../framework/logical.ts';
import { dropBackup, readBackup } from '../server/seal/key-backup.ts';
import type { SealManager } from '../server/seal/manager.ts';
import type { RootRotation } from '../server/seal/root-rotation.ts';
import type { RotationResult, RotationStatus, VerificationStatus } from '../server/seal/rotation-shapes.ts';
import { decodeShare } from '../server/seal/share.ts';
import type { SystemNode } from './context.ts';
import { sealsOf, systemPaths } from './context.ts';

const initFields = {
  secret_shares: field.int('Number of shares.', { required: true }),
  secret_threshold: field.int('Shares needed.', { required: true }),
  pgp_keys: field.strings('Keys to encrypt the shares with.', { always: true }),
  backup: field.bool('Whether the encrypted shares are kept.', { always: true }),
  require_verification: field.bool('Whether the new shares must be shown before they count.', { always: true }),
};

const shareFields = {
  key: field.string('One share, in hex or base64.', { always: true }),
  nonce: field.string('Nonce of the attempt.', { always: true }),
};

const statusData = (status: RotationStatus): JsonObject =>
  status.started
    ? {
        started: true,
        nonce: status.nonce,
        n: status.shares,
        t: status.threshold,
        progress: status.progress,
        required: status.required,
        verification_required: status.verificationRequired,
        verification_nonce: status.verificationNonce,
        ...(status.fingerprints.length === 0 ? {} : { pgp_fingerprints: status.fingerprints, backup: status.backup }),
      }
    : { started: false, n: 0, t: 0, required: status.required };

const resultData = (result: RotationResult): JsonObject => ({
  complete: true,
  nonce: result.nonce,
  backup: result.backup,
  pgp_fingerprints: result.fingerprints.length === 0 ? null : result.fingerprints,
  keys: result.shares.map(encodeHex),
  keys_base64: result.shares.map(encodeBase64),
  verification_required: result.verificationRequired,
  verification_nonce: result.verificationNonce,
});

/** A recovery key that nobody held is made at once, and then the answer has the split in place of the nonce. */
const immediateData = (result: RotationResult): JsonObject => {
  const { nonce: _, ...data } = resultData(result);
  return { ...data, n: result.shares.length, t: result.threshold };
};

const verificationData = ({ started, nonce, shares, threshold, progress }: VerificationStatus): JsonObject => ({
  started,
  nonce,
  n: shares,
  t: threshold,
  progress,
});

function share(input: { readonly key: string; readonly nonce: string }): Uint8Array {
  if (input.key === '') throw refuse("missing required field 'key'");
  if (input.nonce === '') throw refuse("missing required field 'nonce'");
  return decodeShare(input.key);
}

const isRecovery = (request: Request): boolean => request.path.startsWith('rotate/recovery/');

/** The rotation that the path names. */
const rotationOf = (request: Request, { rootRotation, recoveryRotation }: SealManager): RootRotation =>
  isRecovery(request) ? recoveryRotation : rootRotation;

/** Without a seal there is no rotation, and so nothing to show of it. */
function verifying(node: SystemNode, request: Request): RootRotation {
  const seals = sealsOf(node);
  if (seals === undefined) throw refuse('no rotation configuration found');
  return rotationOf(request, seals);
}

const rotationPaths = systemPaths()
  .path('rotate/(root|recovery)/init', 'A rotation under way.', initFields, {
    read: {
      about: 'How far it is.',
      run: async (_, { context, request }) => statusData(await rotationOf(request, context.node.keys().seals).status()),
    },
    update: {
      about: 'Begin one.',
      run: async (input, { context, request }) => {
        const { seals } = context.node.keys();
        const rotation = rotationOf(request, seals);
        if (isRecovery(request) && !seals.seal.auto) throw refuse('recovery keys not supported');
        if ((await rotation.status()).started) throw refuse('rotation already in progress');
        const done = await rotation.start({
          shares: input.secret_shares,
          threshold: input.secret_threshold,
          pgpKeys: input.pgp_keys,
          backup: input.backup,
          requireVerification: input.require_verification,
        });
        return done === undefined ? statusData(await rotation.status()) : immediateData(done);
      },
    },
    delete: {
      about: 'Abandon it.',
      run: (_, { context, request }) => {
        const seals = sealsOf(context.node);
        if (seals !== undefined) rotationOf(request, seals).cancel();
      },
    },
  })
  .path('rotate/(root|recovery)/update', 'The shares that authorise a rotation.', shareFields, {
    update: {
      about: 'Give one.',
      run: async (input, { context, request }) => {
        const given = share(input);
        const rotation = rotationOf(request, context.node.keys().seals);
        const done = await rotation.update(given, input.nonce);
        return done === undefined ? statusData(await rotation.status()) : resultData(done);
      },
    },
  })
  .path('rotate/(root|recovery)/verify', 'The proof that the new shares arrived.', shareFields, {
    read: {
      about: 'How far it is.',
      run: (_, { context, request }) => verificationData(verifying(context.node, request).verificationStatus()),
    },
    update: {
      about: 'Give one of the new shares.',
      run: async (input, { context, request }) => {
        const given = share(input);
        const rotation = verifying(context.node, request);
        const nonce = await rotation.verify(given, input.nonce);
        return nonce === undefined ? verificationData(rotation.verificationStatus()) : { complete: true, nonce };
      },
    },
    delete: {
      about: 'Begin the proof again.',
      run: (_, { context, request }) => verificationData(verifying(context.node, request).restartVerification()),
    },
  })
  .path(
    'rotate/(root|recovery)/backup',
    'Encrypted shares kept from a rotation.',
    {},
    {
      read: {
        about: 'The shares.',
        run: (_, { context, request }) => backupData(context.node, isRecovery(request), refuse(NO_BACKUP)),
      },
      delete: {
        about: 'Delete them.',
        run: (_, { context, request }) => dropBackup(context.node.active().storage, isRecovery(request)),
      },
    },
  );

const NO_BACKUP = 'no backed-up keys found';

async function backupData(node: SystemNode, recovery: boolean, none: Fault): Promise<JsonObject> {
  const backup = await readBackup(node.active().storage, recovery);
  if (backup === undefined) throw none;
  const keys: JsonObject = {};
  const keysBase64: JsonObject = {};
  for (const [fingerprint, shares] of backup.keys) {
    keys[fingerprint] = shares.map(encodeHex);
    keysBase64[fingerprint] = shares.map(encodeBase64);
  }
  return { nonce: backup.nonce, keys, keys_base64: keysBase64 };
}

const oldBackup = (path: 'rekey/backup' | 'rekey/recovery-key-backup') =>
  systemPaths().path(
    path,
    'Encrypted shares kept from a rotation, by their old name.',
    {},
    {
      read: {
        about: 'The shares.',
        run: (_, { context }) => backupData(context.node, path !== 'rekey/backup', refuseAs('', NO_BACKUP)),
      },
      delete: {
        about: 'Delete them.',
        run: (_, { context }) => dropBackup(context.node.active().storage, path !== 'rekey/backup'),
      },
    },
  );

export const rootKeyPaths = rotationPaths
  .include(oldBackup('rekey/backup'))
  .include(oldBackup('rekey/recovery-key-backup'));
