/** Transit: keys that are there or not, and what is done with them. */
import fc from 'fast-check';
import type { Step } from '../case.ts';
import { step } from '../case.ts';
import { plain, post } from './vocabulary.ts';

const name = fc.constantFrom('k0', 'k1', 'none');
const type = fc.constantFrom(
  'aes128-gcm96',
  'aes256-gcm96',
  'chacha20-poly1305',
  'ed25519',
  'ecdsa-p256',
  'hmac',
  'odd',
);
const base64 = fc.constantFrom<unknown>('YQ==', '', 'YWJj', 'not base64', 7);
const context = fc.constantFrom<unknown>('Y3R4', '', 'not base64');

const transitKeys: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        name,
        fc.record(
          {
            type,
            derived: fc.boolean(),
            convergent_encryption: fc.boolean(),
            exportable: fc.boolean(),
            allow_plaintext_backup: fc.boolean(),
            key_size: fc.constantFrom<unknown>(0, 32, 64, 1),
            auto_rotate_period: fc.constantFrom<unknown>('1h', 0, '1s', 'x'),
          },
          { requiredKeys: [] },
        ),
      )
      .map(([key, body]) => post(`tr/keys/${key}`, body)),
  },
  fc.tuple(fc.constantFrom('GET', 'DELETE'), name).map(([method, key]) => step(method, `tr/keys/${key}`)),
  fc
    .tuple(
      name,
      fc.record(
        {
          min_decryption_version: fc.constantFrom<unknown>(0, 1, 2, 9, -1),
          min_encryption_version: fc.constantFrom<unknown>(0, 1, 2, 9),
          deletion_allowed: fc.boolean(),
          exportable: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
    )
    .map(([key, body]) => post(`tr/keys/${key}/config`, body)),
  { weight: 2, arbitrary: name.map((key) => post(`tr/keys/${key}/rotate`, {})) },
  fc
    .tuple(name, fc.constantFrom<unknown>(0, 1, 2, 9, -1))
    .map(([key, version]) => post(`tr/keys/${key}/trim`, { min_available_version: version })),
  fc
    .constantFrom('LIST tr/keys', 'SCAN tr/keys', 'GET tr/cache-config', 'GET tr/backup/k0', 'GET tr/config/keys')
    .map(plain),
);

const transitUse: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(name, fc.record({ plaintext: base64, context, key_version: fc.constantFrom(0, 1, 2) }, { requiredKeys: [] }))
    .map(([key, body]) =>
      post(`tr/encrypt/${key}`, body, { captures: [{ name: 'sealed', at: ['data', 'ciphertext'] }] }),
    ),
  fc
    .tuple(fc.constantFrom('decrypt', 'rewrap'), name, fc.constantFrom('$sealed', 'vault:v9:YQ==', 'x', ''), context)
    .map(([what, key, ciphertext, given]) => post(`tr/${what}/${key}`, { ciphertext, context: given })),
  fc
    .tuple(name, base64, fc.constantFrom('', '/sha2-512', '/odd'))
    .map(([key, input, hash]) =>
      post(`tr/hmac/${key}${hash}`, { input }, { captures: [{ name: 'mac', at: ['data', 'hmac'] }] }),
    ),
  fc
    .tuple(name, base64, context)
    .map(([key, input, given]) =>
      post(`tr/sign/${key}`, { input, context: given }, { captures: [{ name: 'signed', at: ['data', 'signature'] }] }),
    ),
  fc
    .tuple(name, base64, fc.constantFrom({ signature: '$signed' }, { hmac: '$mac' }, { signature: 'x' }, {}))
    .map(([key, input, proof]) => post(`tr/verify/${key}`, { input, ...proof })),
  fc
    .tuple(
      fc.constantFrom('encryption-key', 'signing-key', 'hmac-key', 'odd'),
      name,
      fc.constantFrom('', '/1', '/latest', '/x'),
    )
    .map(([kind, key, version]) => step('GET', `tr/export/${kind}/${key}${version}`)),
  fc
    .tuple(fc.constantFrom('plaintext', 'wrapped', 'odd'), name, fc.constantFrom<unknown>(128, 256, 7))
    .map(([kind, key, bits]) => post(`tr/datakey/${kind}/${key}`, { bits })),
  fc
    .tuple(fc.array(fc.record({ plaintext: base64 }), { maxLength: 2 }), name)
    .map(([batch, key]) => post(`tr/encrypt/${key}`, { batch_input: batch })),
  fc
    .constantFrom<readonly [string, unknown]>(
      ['tr/hash', { input: 'YQ==' }],
      ['tr/random/4', {}],
      ['tr/hash/odd', { input: 'a' }],
    )
    .map(([path, body]) => post(path, body)),
);

export const transit: fc.Arbitrary<Step> = fc.oneof(
  fc.constant(post('sys/mounts/tr', { type: 'transit' })),
  { weight: 8, arbitrary: transitKeys },
  { weight: 8, arbitrary: transitUse },
);
