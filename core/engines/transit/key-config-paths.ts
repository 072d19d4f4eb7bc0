/** The settings of a key that can change, and which of its versions are kept. */
import { refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import { transitPaths, type TransitCall } from './call.ts';
import { checkRotation, nameField, shown } from './key-paths.ts';
import type { Policy } from './policy.ts';

const FROM_ONE = 'since Vault 0.3 (prior to the OpenBao fork), transit key numbering starts at 1; forcing minimum to 1';

interface ConfigInput {
  readonly min_decryption_version: number | undefined;
  readonly min_encryption_version: number | undefined;
  readonly deletion_allowed: boolean | undefined;
  readonly exportable: boolean | undefined;
  readonly allow_plaintext_backup: boolean | undefined;
  readonly auto_rotate_period: number | undefined;
}

function minimum(policy: Policy, what: 'encryption' | 'decryption', asked: number): number {
  if (asked < 0) throw refuse(`min ${what} version cannot be negative`);
  const wanted = what === 'decryption' ? Math.max(1, asked) : asked;
  if (wanted > policy.latestVersion) {
    throw refuse(`cannot set min ${what} version of ${wanted}, latest key version is ${policy.latestVersion}`);
  }
  return wanted;
}

/** The same policy when nothing changes. */
function configured(policy: Policy, input: ConfigInput): Policy {
  const minDecryptionVersion =
    input.min_decryption_version === undefined
      ? policy.minDecryptionVersion
      : minimum(policy, 'decryption', input.min_decryption_version);
  const minEncryptionVersion =
    input.min_encryption_version === undefined
      ? policy.minEncryptionVersion
      : minimum(policy, 'encryption', input.min_encryption_version);
  if (minEncryptionVersion > 0 && minEncryptionVersion < minDecryptionVersion) {
    throw refuse(
      `cannot set min encryption/decryption values; min encryption version of ${minEncryptionVersion} must be greater than or equal to min decryption version of ${minDecryptionVersion}`,
    );
  }
  if (input.auto_rotate_period !== undefined) {
    checkRotation(input.auto_rotate_period);
    if (input.auto_rotate_period !== 0 && policy.type.kind === 'external') {
      throw refuse('auto rotate period must be disabled on external keys');
    }
  }
  const changed: Policy = {
    ...policy,
    minDecryptionVersion,
    minEncryptionVersion,
    deletionAllowed: input.deletion_allowed ?? policy.deletionAllowed,
    // What was once allowed to leave may have left.
    exportable: policy.exportable || input.exportable === true,
    allowPlaintextBackup: policy.allowPlaintextBackup || input.allow_plaintext_backup === true,
    autoRotatePeriod: input.auto_rotate_period ?? policy.autoRotatePeriod,
  };
  const settings = Object.keys(changed) as (keyof Policy)[];
  if (settings.every((setting) => changed[setting] === policy[setting])) return policy;
  if (changed.minAvailableVersion > 0) checkAvailable(changed);
  return changed;
}

function checkAvailable({ minAvailableVersion, minEncryptionVersion, minDecryptionVersion }: Policy): void {
  if (minAvailableVersion > minEncryptionVersion) {
    throw refuse('min encryption version should not be less than min available version');
  }
  if (minAvailableVersion > minDecryptionVersion) {
    throw refuse('min decryption version should not be less then min available version');
  }
}

async function configure(input: ConfigInput & { readonly name: string }, call: TransitCall): Promise<Answer> {
  const policy = await call.state.change(input.name, call.storage, (present) => configured(present, input));
  if (policy === undefined) throw refuse(`no existing key named ${input.name} could be found`);
  const data = shown(policy, call);
  return input.min_decryption_version === 0 ? reply({ data, warnings: [FROM_ONE] }) : data;
}

function trimmed(policy: Policy, wanted: number | undefined): Policy {
  if (wanted === undefined) throw refuse('missing min_available_version');
  const is = 'minimum available version cannot be';
  if (wanted < policy.minAvailableVersion) throw refuse(`${is} decremented`);
  if (policy.minEncryptionVersion === 0) throw refuse(`${is} set when minimum encryption version is not set`);
  if (wanted > policy.minEncryptionVersion) throw refuse(`${is} greater than minmum encryption version`);
  if (wanted > policy.minDecryptionVersion) throw refuse(`${is} greater than minimum decryption version`);
  if (wanted === 0) throw refuse('minimum available version should be positive');
  return { ...policy, minAvailableVersion: wanted };
}

export const keyConfigPaths = transitPaths()
  .path(
    'keys/:name/config',
    'Settings of a key.',
    {
      name: nameField,
      min_decryption_version: field.int('The oldest version that still decrypts and verifies.'),
      min_encryption_version: field.int('The oldest version that still encrypts and signs; 0: only the latest.'),
      deletion_allowed: field.bool('The key can be deleted.'),
      exportable: field.bool('The material can be exported. This cannot be taken back.'),
      allow_plaintext_backup: field.bool('The key can be backed up as a text. This cannot be taken back.'),
      auto_rotate_period: field.duration('How old a version becomes before the next is made; 0: for ever.'),
    },
    { update: { about: 'Change the settings that are sent.', run: configure } },
    { id: { prefix: 'transit', verb: 'configure', suffix: 'key' } },
  )
  .path(
    'keys/:name/trim',
    'Old versions of a key.',
    { name: nameField, min_available_version: field.int('The oldest version to keep.') },
    {
      update: {
        about: 'Remove the versions below a number for good.',
        run: async ({ name, min_available_version }, call) => {
          const policy = await call.state.change(name, call.storage, (present) =>
            trimmed(present, min_available_version),
          );
          if (policy === undefined) throw refuse('invalid key name');
          return shown(policy, call);
        },
      },
    },
    { id: { prefix: 'transit', verb: 'trim', suffix: 'key' } },
  );
