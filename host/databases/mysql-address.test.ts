import { expect, test } from 'vitest';
import { DatabaseError } from '../../core/runtime.ts';
import { parseMysqlAddress } from './mysql-address.ts';

test.each([
  ['u:p:q@tcp(db:3307)/app', { user: 'u', password: 'p:q', network: 'tcp', address: 'db:3307', database: 'app' }],
  ['a@b:c@/', { user: 'a@b', password: 'c', network: 'tcp', address: '127.0.0.1:3306' }],
  ['u@(db)/', { network: 'tcp', address: 'db:3306' }],
  ['u@tcp([::1])/', { address: '[::1]:3306' }],
  ['u@tcp([::1]:7)/', { address: '[::1]:7' }],
  ['u@unix/', { network: 'unix', address: '/tmp/mysql.sock' }],
  ['u@unix(/run/db.sock)/a%20b', { network: 'unix', address: '/run/db.sock', database: 'a b' }],
  ['/?tls=true&timeout=1.5s&foo=bar&x', { tls: 'verified', timeout: 1_500_000 }],
  ['/?tls=Skip-Verify', { tls: 'unverified' }],
  ['/?tls=preferred&parseTime=1&loc=Europe%2FBerlin', { tls: 'none' }],
])('%s is read', (text, target) => {
  expect(parseMysqlAddress(text)).toMatchObject(target);
});

/** What 2.7.2 said. */
test.each([
  ['x', 'invalid DSN: missing the slash separating the database name'],
  ['../../x', "default addr for network '../..' unknown"],
  ['mysql://u:p@127.0.0.1:1/db', "default addr for network '127.0.0.1:1' unknown"],
  ['u@x(y/', 'invalid DSN: network address not terminated (missing closing brace)'],
  ['a:b:c@tcp(127.0.0.1:1)/x/y', 'invalid DSN: did you forget to escape a param value?'],
  ['u@tcp(127.0.0.1:1)x/', 'invalid DSN: did you forget to escape a param value?'],
  ['/%zz', 'invalid dbname "%zz": invalid URL escape "%zz"'],
  ['/?tls=zz', 'invalid value / unknown config name: zz'],
  ['/?timeout=zz', 'time: invalid duration "zz"'],
  ['/?parseTime=zz', 'invalid bool value: zz'],
  ['/?loc=zz', 'unknown time zone zz'],
  ['/?maxAllowedPacket=zz', 'strconv.Atoi: parsing "zz": invalid syntax'],
])('%s is refused', (text, why) => {
  expect(() => parseMysqlAddress(text)).toThrow(new DatabaseError(`unable to parse connectionURL: ${why}`));
});
