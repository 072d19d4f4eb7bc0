import { expect, test } from 'vitest';
import { profileOf, VERSION } from './profile.ts';

test.each([
  ['2.4.4', false, false],
  ['2.5.1', false, true],
  ['2.6.2', false, true],
  ['2.7.0', true, true],
  [VERSION, true, true],
])('OpenBao %s tells indexes: %s, reads on standbys: %s', (version, indexHeaders, standbyReads) => {
  expect(profileOf(version)).toMatchObject({ version, indexHeaders, standbyReads, resolvesNames: indexHeaders });
});
