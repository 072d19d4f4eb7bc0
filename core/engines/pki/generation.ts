/** What making a root and asking for an intermediate have in common: the role, and the key that is new or known. */
import { failure, refuse } from '../../fault.ts';
import type { SigningKey } from '../../crypto/keys/key.ts';
import { ReadOnly } from '../../storage/storage.ts';
import { sent, storeOf, type PkiCall } from './call.ts';
import { externalKeyForAuthority } from './external-keys.ts';
import { bitsOf, checkedBits, makeKey, publicOf, signingKeyOf, typeOf } from './key-spec.ts';
import type { Key } from './model.ts';
import { PERMISSIVE_ROLE, type Role } from './role.ts';
import { checkedFormat, type Format } from './show.ts';
import { Unresolved } from './store.ts';
import type { WishInput } from './wish.ts';

export interface SubjectInput {
  readonly ou?: readonly string[] | undefined;
  readonly organization?: readonly string[] | undefined;
  readonly country?: readonly string[] | undefined;
  readonly locality?: readonly string[] | undefined;
  readonly province?: readonly string[] | undefined;
  readonly street_address?: readonly string[] | undefined;
  readonly postal_code?: readonly string[] | undefined;
}

export interface GenerationInput extends WishInput, SubjectInput {
  readonly exported: string;
  readonly format: string;
  readonly private_key_format: string;
  readonly key_type: string;
  readonly key_bits: number;
  readonly key_ref: string;
  readonly key_name?: string | undefined;
  readonly external_key_ref?: string | undefined;
  readonly signature_bits: number;
  readonly use_pss: boolean;
  readonly not_before_duration: number;
}

export interface Generation {
  readonly exported: boolean;
  readonly format: Format;
  readonly role: Role;
  /** Made when everything else was found right. */
  key(): Promise<SigningKey>;
}

/** A role that allows anything, with this subject and these times. */
export function authorityRole(
  input: SubjectInput & Pick<GenerationInput, 'signature_bits' | 'use_pss' | 'not_before_duration'>,
): Role {
  return {
    ...PERMISSIVE_ROLE,
    ou: input.ou ?? [],
    organization: input.organization ?? [],
    country: input.country ?? [],
    locality: input.locality ?? [],
    province: input.province ?? [],
    street_address: input.street_address ?? [],
    postal_code: input.postal_code ?? [],
    signature_bits: input.signature_bits,
    use_pss: input.use_pss,
    not_before_duration: input.not_before_duration,
  };
}

const EXPORTED = ['internal', 'exported', 'existing', 'kms'];
const EXPORTED_PROBLEM = 'the "exported" path parameter must be "internal", "existing", exported" or "kms"';

function checkExternal(exported: string, reference: string): void {
  if (exported === 'kms' && reference === '') {
    throw refuse('must specify "external_key_ref" on "kms"-typed generation requests');
  }
  if (exported !== 'kms' && reference !== '') {
    throw refuse(`cannot specify "external_key_ref" on "${exported}"-typed generation requests`);
  }
}

function refuseKind(call: PkiCall): void {
  if (sent(call, 'key_type') || sent(call, 'key_bits')) {
    throw refuse(
      'invalid parameter for the kms/existing path parameter, key_type nor key_bits arguments can be set in this mode',
    );
  }
}

async function existingKey(reference: string, call: PkiCall): Promise<Key> {
  refuseKind(call);
  if (reference === '') {
    throw refuse('failed to lookup public key from existing key: missing argument key_ref for existing type');
  }
  try {
    return await storeOf(call).key(reference);
  } catch (error) {
    if (!(error instanceof Unresolved)) throw error;
    throw refuse(`failed to lookup public key from existing key: ${error.message}`);
  }
}

/** Throws a Fault. */
export async function generationOf(input: GenerationInput, call: PkiCall): Promise<Generation> {
  const { exported } = input;
  if (!EXPORTED.includes(exported)) throw refuse(EXPORTED_PROBLEM);
  const format = checkedFormat(input.format);
  const external = (input.external_key_ref ?? '').trim();
  checkExternal(exported, external);
  const role = authorityRole(input);
  if (exported === 'existing') {
    const key = await existingKey(input.key_ref, call);
    if (key.external !== undefined) {
      throw failure(`failed parsing key entry bytes for key id: ${key.id} (${key.name}): no data found in PEM block`);
    }
    const bits = bitsOf(publicOf(call.runtime.crypto, key));
    return {
      exported: false,
      format,
      role: { ...role, key_type: key.type, key_bits: bits },
      key: () => signingKeyOf(key, call.system),
    };
  }
  if (exported === 'kms') {
    refuseKind(call);
    const key = await externalKeyForAuthority(external, call.system);
    return {
      exported: false,
      format,
      role: { ...role, key_type: typeOf(key), key_bits: bitsOf(key.publicKey) },
      key: () => Promise.resolve(key),
    };
  }
  const checked = checkedBits(input.key_type, input.key_bits);
  if ('problem' in checked) throw refuse(checked.problem);
  if (input.key_type === 'any') throw refuse('unknown key type: any');
  return {
    exported: exported === 'exported',
    format,
    role: { ...role, key_type: input.key_type, key_bits: checked.bits },
    key: () => {
      // A standby would make a key only to find that it cannot keep it.
      if (!call.context.system.active) throw new ReadOnly();
      return makeKey(call.runtime, input.key_type, checked.bits);
    },
  };
}
