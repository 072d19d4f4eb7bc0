import { expect, test } from 'vitest';
import { isAllowedRedirect } from './redirect-uri.ts';

// Each was asked of 2.7.2, as a client's of the OIDC provider and as a role's of the JWT method.
test.each([
  ['http://localhost:7777/cb', ['http://localhost/cb'], true],
  ['http://localhost/cb', ['http://localhost:8250/cb'], true],
  ['https://127.0.0.1:10/cb', ['https://127.0.0.1:9/cb'], true],
  ['http://[::1]:5/cb', ['http://[::1]/cb'], true],
  ['app://localhost:5/z', ['app://localhost/z'], true],
  ['//localhost:5/rel', ['//localhost/rel'], true],
  ['http://u:p@localhost:5/user', ['http://u:p@localhost/user'], true],
  ['HTTP://localhost:5/cb#', ['http://localhost/cb'], true],
  ['http://localhost:5/a%20b', ['http://localhost/a b'], true],
  ['http://localhost:5/q?a=1', ['http://localhost/q?a=1'], true],
  ['https://example.com/cb', ['https://example.com/cb'], true],
  ['http://LOCALHOST/up', ['http://LOCALHOST/up'], true],
  ['http://LOCALHOST:5/up', ['http://LOCALHOST/up'], false],
  ['http://localhost:5/q?a=2', ['http://localhost/q?a=1'], false],
  ['http://u:q@localhost:5/user', ['http://u:p@localhost/user'], false],
  ['http://127.0.0.1:5/cb', ['http://localhost/cb'], false],
  ['http://127.0.0.2:5/x', ['http://127.0.0.2/x'], false],
  ['https://example.com:443/cb', ['https://example.com/cb'], false],
  ['http://localhost:x/cb', ['http://localhost:x/cb'], false],
  ['http://localhost/%zz', ['http://localhost/%zz'], false],
  ['http://localhost/cb', ['http://%zz/', 'http://localhost/cb'], false],
  ['http://localhost/cb', ['http://localhost/cb', 'http://%zz/'], true],
])('%s among %j: %j', (sent, allowed, expected) => expect(isAllowedRedirect(sent, allowed)).toBe(expected));
