import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { certFolder } from './cert-login.fixture.ts';
import { systemRoots } from './system-roots.ts';

const folder = mkdtempSync(join(tmpdir(), 'steamer-roots-'));
afterAll(() => rmSync(folder, { recursive: true }));
const [one, two] = ['ca', 'ca2'].map((name) => readFileSync(join(certFolder, `${name}.pem`), 'latin1')) as [
  string,
  string,
];
mkdirSync(join(folder, 'more'));
writeFileSync(join(folder, 'one.pem'), one);
writeFileSync(join(folder, 'more', 'two.pem'), two);
writeFileSync(join(folder, 'more', 'README'), 'no certificate');
const [file, more] = [join(folder, 'one.pem'), join(folder, 'more')];

test('a file that is named is all, unless folders are named too', () => {
  expect(systemRoots({ SSL_CERT_FILE: file })).toBe(one);
  const both = systemRoots({ SSL_CERT_FILE: file, SSL_CERT_DIR: `${folder}/none:${more}` });
  expect(both).toContain(one);
  expect(both).toContain(two);
  expect(systemRoots({ SSL_CERT_FILE: `${folder}/none`, SSL_CERT_DIR: more })).not.toContain(one);
});

test('where there are none, there are none', () => {
  expect(systemRoots({ SSL_CERT_FILE: join(more, 'README'), SSL_CERT_DIR: join(folder, 'none') })).toBeUndefined();
});
