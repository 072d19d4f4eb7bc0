import { expect, test } from 'vitest';
import { oursInProcess } from '../../targets/ours.ts';
import { realProgram } from '../../targets/program.ts';
import { documentKinds, fuzzDocuments, unlikeText } from './documents.ts';

/** Held word for word; what is left in the others is in docs/conformance.md. */
const EQUAL = new Set(['pki/revoke', 'jwt/ca', 'ssh/sign', 'ssh/template', 'pgp/rotate']);

const seed = 20_261_128;

test('bent documents are read and refused as the real server does', async () => {
  const kinds = documentKinds.filter(({ name }) => EQUAL.has(name));
  expect(kinds).toHaveLength(EQUAL.size);
  const sums = await fuzzDocuments(oursInProcess(), await realProgram('2.7.2'), { count: 60, seed, kinds });
  expect(sums.flatMap(({ unlike }) => unlike.map(unlikeText))).toEqual([]);
  expect(sums.reduce((sum, { sent }) => sum + sent, 0)).toBe(60 * EQUAL.size);
});

test('no bent document breaks ours that does not break the real server', async () => {
  const sums = await fuzzDocuments(oursInProcess(), await realProgram('2.7.2'), { count: 20, seed });
  const broken = sums.flatMap(({ unlike }) =>
    unlike.filter(({ difference: { at, actual } }) => at === 'status' && /^(?:0|5\d\d)$/.test(actual)),
  );
  expect(broken.map(unlikeText)).toEqual([]);
  expect(sums.some(({ taken }) => taken > 0)).toBe(true);
});
