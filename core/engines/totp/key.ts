/** A stored key of one-time passwords: `key/<name>`. */
import { asNumber, asString } from '../../codec/json-fields.ts';
import { isObject, type JsonValue } from '../../codec/json.ts';
import type { OtpAlgorithm, OtpRule } from '../../crypto/otp.ts';
import type { Form } from '../../framework/collection.ts';

export interface TotpKey {
  /** Base32 in upper or lower case, as it was given. */
  readonly secret: string;
  readonly issuer: string;
  readonly account: string;
  readonly rule: OtpRule;
}

const ALGORITHMS: readonly OtpAlgorithm[] = ['SHA1', 'SHA256', 'SHA512'];

export const keyForm: Form<TotpKey> = {
  encode: ({ secret, issuer, account, rule }) =>
    new Map<string, JsonValue>([
      ['key', secret],
      ['issuer', issuer],
      ['account_name', account],
      ['period', rule.period],
      ['algorithm', ALGORITHMS.indexOf(rule.algorithm)],
      ['digits', rule.digits],
      ['skew', rule.skew],
    ]),
  decode(stored) {
    const fields = isObject(stored) ? stored : {};
    return {
      secret: asString(fields['key']) ?? '',
      issuer: asString(fields['issuer']) ?? '',
      account: asString(fields['account_name']) ?? '',
      rule: {
        period: asNumber(fields['period']) ?? 30,
        algorithm: ALGORITHMS[asNumber(fields['algorithm']) ?? 0] ?? 'SHA1',
        digits: asNumber(fields['digits']) ?? 6,
        skew: asNumber(fields['skew']) ?? 1,
      },
    };
  },
};
