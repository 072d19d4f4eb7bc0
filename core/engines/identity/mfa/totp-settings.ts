/** The settings of a method with one-time passwords. */
import { refuse } from '../../../fault.ts';
import { field } from '../../../framework/field.ts';
import { isOtpAlgorithm, otpSizeFault } from '../../../crypto/otp.ts';
import type { TotpSettings } from './model.ts';

const DEFAULT_ATTEMPTS = 5;

export const totpFields = {
  max_validation_attempts: field.int('How many wrong passcodes are allowed in a period.'),
  issuer: field.string('Who the passcode is for, as authenticators show it.', { always: true }),
  period: field.seconds('How long a passcode is good.', { default: 30 }),
  key_size: field.int('Size of the key in bytes.', { default: 20 }),
  qr_size: field.int('Width of the QR code in pixels; 0: none.', { default: 200 }),
  algorithm: field.string('"SHA1", "SHA256" or "SHA512".', { default: 'SHA1' }),
  digits: field.int('6 or 8 digits.', { default: 6 }),
  skew: field.int('How many periods before and after are accepted: 0 or 1.', { default: 1 }),
};

export function totpSettings(sent: {
  readonly max_validation_attempts: number | undefined;
  readonly issuer: string;
  readonly period: number;
  readonly key_size: number;
  readonly qr_size: number;
  readonly algorithm: string;
  readonly digits: number;
  readonly skew: number;
}): TotpSettings {
  if (!isOtpAlgorithm(sent.algorithm)) throw refuse('unrecognized algorithm');
  if (sent.digits !== 6 && sent.digits !== 8) throw refuse('digits can only be 6 or 8');
  if (sent.period <= 0) throw refuse('period must be greater than zero');
  if (sent.skew !== 0 && sent.skew !== 1) throw refuse('skew must be 0 or 1');
  if (sent.key_size <= 0) throw refuse('key_size must be greater than zero');
  if (sent.issuer === '') throw refuse('issuer must be set');
  const attempts = sent.max_validation_attempts ?? 0;
  if (attempts < 0) throw refuse('max_validation_attempts must be greater than zero');
  // Upstream keeps numbers in 32 bits: what is beyond them is cut off.
  const [keySize, qrSize] = [sent.key_size >>> 0, sent.qr_size | 0];
  const fault = otpSizeFault(keySize, qrSize);
  if (fault !== undefined) throw refuse(fault);
  return {
    type: 'totp',
    issuer: sent.issuer,
    period: sent.period >>> 0,
    algorithm: sent.algorithm,
    digits: sent.digits,
    skew: sent.skew,
    keySize,
    qrSize,
    maxAttempts: attempts === 0 ? DEFAULT_ATTEMPTS : attempts >>> 0,
  };
}
