/** How a key is split and who may bring it together: `core/seal-config` and `core/recovery-config`, plain JSON. */
import { asBoolean, asNumber, asObject, asString, asStrings } from '../../codec/json-fields.ts';
import { parse, print, type JsonValue } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { failure } from '../../fault.ts';

export interface SealConfig {
  /** 'shamir' or the wrapper's type; a recovery configuration is always 'shamir'. */
  readonly type: string;
  readonly shares: number;
  readonly threshold: number;
  readonly pgpKeys: readonly string[];
  /** Of the rotation that made the configuration; '' at first. */
  readonly nonce: string;
  readonly backup: boolean;
}

export const sealConfig = (type: string, shares: number, threshold: number): SealConfig => ({
  type,
  shares,
  threshold,
  pgpKeys: [],
  nonce: '',
  backup: false,
});

export function serialiseSealConfig(config: SealConfig): Uint8Array {
  const fields = new Map<string, JsonValue>([
    ['type', config.type],
    ['secret_shares', config.shares],
    ['secret_threshold', config.threshold],
    ['pgp_keys', config.pgpKeys.length === 0 ? null : config.pgpKeys],
    ['nonce', config.nonce],
    ['backup', config.backup],
  ]);
  return encodeUtf8(print(fields));
}

/** Throws what the JSON reader throws; missing fields have Go's zero values. */
export function parseSealConfig(stored: Uint8Array): SealConfig {
  const fields = asObject(parse(stored)) ?? {};
  return {
    type: asString(fields['type']) ?? '',
    shares: asNumber(fields['secret_shares']) ?? 0,
    threshold: asNumber(fields['secret_threshold']) ?? 0,
    pgpKeys: asStrings(fields['pgp_keys']) ?? [],
    nonce: asString(fields['nonce']) ?? '',
    backup: asBoolean(fields['backup']) ?? false,
  };
}

/** Throws for a key that shares cannot be encrypted with. */
export type CheckKey = (key: string) => void;
const accepted: CheckKey = () => {};

type Split = Pick<SealConfig, 'shares' | 'threshold' | 'pgpKeys'>;

/** Throws a Fault with upstream's text. */
export function validateSealConfig({ shares, threshold, pgpKeys }: Split, checkKey: CheckKey = accepted): void {
  if (shares < 1) throw failure('shares must be at least one');
  if (threshold < 1) throw failure('threshold must be at least one');
  if (shares > 1 && threshold === 1) throw failure('threshold must be greater than one for multiple shares');
  checkLimits({ shares, threshold, pgpKeys }, checkKey);
}

/** As `validateSealConfig`, but a recovery key may have no shares at all. */
export function validateRecoveryConfig({ shares, threshold, pgpKeys }: Split, checkKey: CheckKey = accepted): void {
  if (shares > 1 && threshold <= 1) throw failure('threshold must be greater than one for multiple shares');
  checkLimits({ shares, threshold, pgpKeys }, checkKey);
}

function checkLimits({ shares, threshold, pgpKeys }: Split, checkKey: CheckKey): void {
  if (shares > 255) throw failure('shares must be less than 256');
  if (threshold > 255) throw failure('threshold must be less than 256');
  if (threshold > shares) throw failure('threshold cannot be larger than shares');
  if (pgpKeys.length === 0) return;
  if (pgpKeys.length !== shares)
    throw failure('count mismatch between number of provided PGP keys and number of shares');
  for (const key of pgpKeys) checkKey(key);
}
