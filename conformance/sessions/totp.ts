/** TOTP: keys that are made here or elsewhere, and codes. */
import fc from 'fast-check';
import type { Step } from '../case.ts';
import { step } from '../case.ts';
import { post } from './vocabulary.ts';

const name = fc.constantFrom('k0', 'k1', 'none');

export const totp: fc.Arbitrary<Step> = fc.oneof(
  fc.constant(post('sys/mounts/otp', { type: 'totp' })),
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        name,
        fc.record(
          {
            generate: fc.boolean(),
            exported: fc.boolean(),
            key: fc.constantFrom('GEZDGNBVGY3TQOJQ', 'x', ''),
            issuer: fc.constantFrom('i', ''),
            account_name: fc.constantFrom('a', ''),
            period: fc.constantFrom<unknown>(30, '1m', 0, -1),
            digits: fc.constantFrom<unknown>(6, 8, 7),
            algorithm: fc.constantFrom('SHA1', 'SHA256', 'odd'),
            skew: fc.constantFrom<unknown>(0, 1, 2),
            qr_size: fc.constantFrom<unknown>(0, -1),
          },
          { requiredKeys: ['qr_size'] },
        ),
      )
      .map(([key, body]) => post(`otp/keys/${key}`, body)),
  },
  fc.tuple(fc.constantFrom('GET', 'DELETE'), name).map(([method, key]) => step(method, `otp/keys/${key}`)),
  fc.constantFrom('LIST', 'SCAN').map((method) => step(method, 'otp/keys')),
  name.map((key) => step('GET', `otp/code/${key}`, { captures: [{ name: 'code', at: ['data', 'code'] }] })),
  fc.tuple(name, fc.constantFrom('000000', 'x', '')).map(([key, code]) => post(`otp/code/${key}`, { code })),
);
