import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { portableCrypto } from '../../../crypto/portable.ts';
import { Fault } from '../../../fault.ts';
import { tlsOfBundle } from './pem-bundle.ts';

interface Answer {
  readonly name: string;
  readonly bundle: string;
  /** What the real 2.7.2 says; null: it goes on to connect. */
  readonly error: string | null;
}

const answers = JSON.parse(readFileSync(new URL('pem-bundle.golden.json', import.meta.url), 'utf8')) as Answer[];

test.each(answers)('a bundle of $name is taken, or refused, as the real server does it', ({ bundle, error }) => {
  const read = () => tlsOfBundle(portableCrypto(), bundle);
  if (error === null) read();
  else expect(read).toThrow(new Fault('error', error));
});

test('the certificate that may not sign is the client’s, wherever it stands', () => {
  const of = (name: string) => tlsOfBundle(portableCrypto(), answers.find((one) => one.name === name)!.bundle);
  expect(of('ca first')).toEqual(of('key+cert+ca'));
  expect(Object.keys(of('ca alone'))).toEqual(['ca']);
  expect(of('two cas').ca?.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
});
