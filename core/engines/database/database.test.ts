import { expect, test } from 'vitest';
import { decodeUtf8 } from '../../codec/utf8.ts';
import { fakeRuntime, TestMount } from '../../framework/testing.ts';
import type { Databases, DatabaseStatement, Runtime } from '../../runtime.ts';
import { DatabaseError, SECOND } from '../../runtime.ts';
import { createDatabase } from './database.ts';

const CONFIG = {
  plugin_name: 'postgresql-database-plugin',
  connection_url: 'postgresql://{{username}}:{{password}}@db/app',
  username: 'adm',
  password: 'p@ss/word',
  allowed_roles: '*',
  verify_connection: false,
};

/** A database that only writes down what it is told. */
class Told implements Databases {
  readonly opened: string[] = [];
  readonly statements: string[] = [];
  refusal: string | undefined;

  open({ address }: { readonly address: string }) {
    this.opened.push(address);
    const run = (statements: readonly DatabaseStatement[]) => {
      if (this.refusal !== undefined) return Promise.reject(new DatabaseError(this.refusal));
      this.statements.push(...statements.map(([text]) => text!));
      return Promise.resolve(statements.map(() => [['t']]));
    };
    return { ping: () => Promise.resolve(), run, close: () => Promise.resolve() };
  }
}

async function mounted(config: object = CONFIG): Promise<{ told: Told; mount: TestMount }> {
  const told = new Told();
  const runtime: Runtime = { ...fakeRuntime(), databases: told };
  const mount = new TestMount(createDatabase, { runtime });
  Object.assign(mount.context.system, { generatePassword: () => Promise.resolve('new') });
  await mount.backend.initialize!();
  expect((await mount.write('config/db', { ...config })).status).toBe(204);
  return { told, mount };
}

test('a login is escaped where an address is a URL, and never shown', async () => {
  const { told, mount } = await mounted();
  await mount.write('reset/db', {});
  expect(told.opened).toContain('postgresql://adm:p@ss%2Fword@db/app');
  told.refusal = 'p@ss/word is no good';
  expect(
    (await mount.write('static-roles/s', { db_name: 'db', username: 'u', rotation_period: 60 })).errors?.[0],
  ).toContain('[password] is no good');
});

test('a password that is a number is not shown either', async () => {
  const { told, mount } = await mounted({ ...CONFIG, password: 4711 });
  told.refusal = '4711 is no good';
  const refused = await mount.write('static-roles/s', { db_name: 'db', username: 'u', rotation_period: 60 });
  expect(refused.errors?.[0]).toContain('[password] is no good');
});

test('static passwords rotate when their time has come, and ten seconds after a failure', async () => {
  const { told, mount } = await mounted();
  await mount.write('static-roles/s', { db_name: 'db', username: 'u', rotation_period: 60 });
  const rotations = (): number => told.statements.filter((text) => text.startsWith('ALTER')).length;
  const pass = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds; i++) {
      mount.clock.advance(SECOND);
      for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    }
  };
  expect(rotations()).toBe(1);
  await pass(58);
  expect(rotations()).toBe(1);
  told.refusal = 'away';
  await pass(8);
  told.refusal = undefined;
  expect(rotations()).toBe(1);
  await pass(11);
  expect(rotations()).toBe(2);
  await pass(50);
  expect(rotations()).toBe(2);
});

test('a rotation that failed leaves its note, in the form of upstream’s framework, for the next attempt', async () => {
  const { told, mount } = await mounted();
  await mount.write('static-roles/s', { db_name: 'db', username: 'u', rotation_period: 60 });
  told.refusal = 'away';
  expect((await mount.write('rotate-role/s', {})).status).toBe(500);
  const { storage } = mount.context;
  const [note] = await storage.list('wal/');
  const stored = JSON.parse(decodeUtf8((await storage.get(`wal/${note}`))!)) as object;
  expect(stored).toEqual({
    type: 'staticRotationKey',
    data: { role_name: 's', username: 'u', new_password: 'new', last_vault_rotation: expect.any(String) },
    created_at: expect.any(Number),
  });
  told.refusal = undefined;
  expect((await mount.write('rotate-role/s', {})).status).toBe(204);
  expect(await storage.list('wal/')).toEqual([]);
});
