import { fc, test as prop } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { encodeBase64 } from '../../codec/base64.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { isAllowed } from './config.ts';
import { filled, queries } from './statements.ts';

/** Not with END, which makes a block. */
const query = fc
  .stringMatching(/^[A-Z][a-z]{1,8} "[a-z{}]{1,8}" '[a-z ]{0,5}'$/)
  .filter((text) => !text.startsWith('End '));

prop.prop([fc.array(query, { minLength: 1, maxLength: 4 })])(
  'the same queries are found between semicolons, in a JSON list, and in either in base64',
  (all) => {
    const forms = [all.join(';'), ` ${all.join(' ; ')}; `, JSON.stringify(all)];
    for (const form of forms) {
      expect(queries([form])).toEqual(all);
      expect(queries([encodeBase64(encodeUtf8(form))])).toEqual(all);
    }
  },
);

test('base64 may come in lines', () => {
  expect(queries(['U0VMRUNU\nIDE7\r\n'])).toEqual(['SELECT 1']);
});

test('a block is one query, unless its END is inside of quotes or of a word', () => {
  expect(queries(['BEGIN; SELECT 1; end'])).toEqual(['BEGIN; SELECT 1; end']);
  expect(queries([`SELECT ' END ' ; SELECT "END"`])).toEqual([`SELECT ' END '`, 'SELECT "END"']);
  expect(queries(['SELECT tend; SELECT endless'])).toEqual(['SELECT tend', 'SELECT endless']);
});

test('what is filled in is taken as it is, also where it looks like a pattern of replacement', () => {
  expect(filled(`'{{password}}' {{name}} {{other}}`, { name: '$&{{password}}', password: '$1' })).toBe(
    `'$1' $&$1 {{other}}`,
  );
});

test('a connection serves the roles that its list names, with stars at their ends', () => {
  const config = { plugin: '', details: {}, rotation: [], passwordPolicy: '' };
  const allows = (pattern: string, role: string) => isAllowed({ ...config, allowedRoles: [pattern] }, role);
  const good: readonly (readonly [string, string])[] = [
    ['*', 'any'],
    ['app', 'app'],
    ['app-*', 'app-read'],
    ['*-read', 'app-read'],
    ['*p-r*', 'app-read'],
  ];
  const bad: readonly (readonly [string, string])[] = [
    ['', 'any'],
    ['app', 'apps'],
    ['app-*', 'my-app-read'],
    ['*-read', 'app-reader'],
    ['a*d', 'app-read'],
  ];
  for (const [pattern, role] of good) expect(allows(pattern, role), `${pattern} ${role}`).toBe(true);
  for (const [pattern, role] of bad) expect(allows(pattern, role), `${pattern} ${role}`).toBe(false);
});
