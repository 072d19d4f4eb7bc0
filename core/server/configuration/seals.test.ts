import { expect, it } from 'vitest';
import { checkSeals } from './seals.ts';

const seal = (type: string, disabled?: string) => ({ type, settings: disabled === undefined ? {} : { disabled } });

it('wants exactly one of two seals to be left for the other', () => {
  expect(() => checkSeals([seal('transit')])).not.toThrow();
  expect(() => checkSeals([seal('transit'), seal('static', 'true')])).not.toThrow();
  expect(() => checkSeals([seal('transit'), seal('transit', 'false')])).toThrow(
    'seals: two seals provided but neither is disabled',
  );
  expect(() => checkSeals([seal('transit', '1'), seal('static', 'T')])).toThrow(
    'seals: two seals provided but both are disabled',
  );
});

it('refuses what is no truth value in upstream’s words', () => {
  expect(() => checkSeals([seal('transit', 'x')])).toThrow(
    `error parsing 'seal': seal.transit: cannot parse '' as bool: strconv.ParseBool: parsing "x": invalid syntax`,
  );
});
