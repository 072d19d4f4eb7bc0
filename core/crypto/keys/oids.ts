/** Object identifiers of keys and curves (RFC 3279, 5480, 8410, 9881). */
import type { EcdsaKey, MlDsaLevel } from '../crypto.ts';

export const OID = {
  rsa: '1.2.840.113549.1.1.1',
  ec: '1.2.840.10045.2.1',
  ed25519: '1.3.101.112',
  x25519: '1.3.101.110',
} as const;

export const CURVE_OIDS: Readonly<Record<EcdsaKey['curve'], string>> = {
  p224: '1.3.132.0.33',
  p256: '1.2.840.10045.3.1.7',
  p384: '1.3.132.0.34',
  p521: '1.3.132.0.35',
};

export const ML_DSA_OIDS: Readonly<Record<MlDsaLevel, string>> = {
  44: '2.16.840.1.101.3.4.3.17',
  65: '2.16.840.1.101.3.4.3.18',
  87: '2.16.840.1.101.3.4.3.19',
};

export const curveOf = (oid: string): EcdsaKey['curve'] | undefined =>
  (['p224', 'p256', 'p384', 'p521'] as const).find((curve) => CURVE_OIDS[curve] === oid);

export const mlDsaLevelOf = (oid: string): MlDsaLevel | undefined =>
  ([44, 65, 87] as const).find((level) => ML_DSA_OIDS[level] === oid);
