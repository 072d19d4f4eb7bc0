import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { portableCrypto } from '../../../crypto/portable.ts';
import { failure } from '../../../fault.ts';
import { tlsOfBundle } from './pem-bundle.ts';
import { tlsOfChain } from './pem-chain.ts';

/** What the real 2.7.2 says of a bundle; null: it goes on to connect. */
interface Answer {
  readonly name: string;
  readonly bundle: string;
  readonly cassandra: string | null;
  readonly influxdb: string | null;
}

const answers = JSON.parse(readFileSync(new URL('pem-bundle.golden.json', import.meta.url), 'utf8')) as Answer[];
const crypto = portableCrypto();

function same(read: () => unknown, error: string | null): void {
  if (error === null) read();
  else expect(read).toThrow(failure(error));
}

describe('a bundle is taken, or refused, as the real server does it', () => {
  test.each(answers)('for Cassandra: $name', ({ bundle, cassandra }) => {
    same(() => tlsOfBundle(crypto, bundle), cassandra);
  });

  test.each(answers)('for InfluxDB: $name', ({ bundle, influxdb }) => {
    same(() => {
      // Without its key a certificate is refused when a connection is made.
      if (tlsOfChain(crypto, bundle).keyMissing) {
        throw failure('found certificate for TLS authentication but no private key');
      }
    }, influxdb);
  });
});

test('for Cassandra the certificate that may not sign is the client’s, wherever it stands', () => {
  const of = (name: string) => tlsOfBundle(crypto, answers.find((one) => one.name === name)!.bundle);
  expect(of('ca first')).toEqual(of('key+cert+ca'));
  expect(Object.keys(of('ca alone'))).toEqual(['ca']);
  expect(of('two cas').ca?.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
});
