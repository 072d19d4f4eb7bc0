/** The npm client `node-vault`, unmodified. */
import nodeVault from 'node-vault';
import { type ClientScript, Teller } from './told.ts';

const POLICY = 'path "secret/data/app/*" { capabilities = ["create", "read", "update", "patch"] }';

export const playNodeVault: ClientScript = async (address, root) => {
  const teller = new Teller();
  const say = <T>(name: string, made: () => Promise<T>): Promise<T | undefined> => teller.call(name, made);
  const vault = nodeVault({ endpoint: address, token: root });

  await say('health', () => vault.health());
  await say('status', () => vault.status());
  await say('initialized', () => vault.initialized());
  await say('mounts', () => vault.mounts());
  await say('mount', () => vault.mount({ mount_point: 'one', type: 'kv', description: 'version one' }));
  await say('mount again', () => vault.mount({ mount_point: 'one', type: 'kv' }));
  await say('write', () => vault.write('one/a', { x: 1, nested: { list: [1, 'two', null] } }));
  await say('read', () => vault.read('one/a'));
  await say('list', () => vault.list('one'));
  await say('delete', () => vault.delete('one/a'));
  await say('read of nothing', () => vault.read('one/a'));
  await say('list of nothing', () => vault.list('one'));
  await say('remount', () => vault.remount({ from: 'one', to: 'two' }));
  await say('unmount', () => vault.unmount({ mount_point: 'one' }));

  await say('versioned write', () => vault.write('secret/data/app/db', { data: { user: 'alice' } }));
  await say('update', () => vault.update('secret/data/app/db', { data: { password: 'pw' } }));
  await say('versioned read', () => vault.read('secret/data/app/db'));
  await say('stale write', () => vault.write('secret/data/app/db', { data: {}, options: { cas: 1 } }));
  await say('destroy', () => vault.write('secret/destroy/app/db', { versions: [1] }));
  await say('metadata', () => vault.read('secret/metadata/app/db'));
  await say('keys', () => vault.list('secret/metadata/app'));

  await say('addPolicy', () => vault.addPolicy({ name: 'app', rules: POLICY }));
  await say('policies', () => vault.policies());
  await say('getPolicy', () => vault.getPolicy({ name: 'app' }));
  await say('broken policy', () => vault.addPolicy({ name: 'broken', rules: 'path "x" { capabilities = ["fly"] }' }));

  await say('enableAuth', () => vault.enableAuth({ mount_point: 'approle', type: 'approle' }));
  await say('auths', () => vault.auths());
  await say('addApproleRole', () => vault.addApproleRole({ role_name: 'app', policies: 'app', token_ttl: 1200 }));
  await say('getApproleRole', () => vault.getApproleRole({ role_name: 'app' }));
  await say('approleRoles', () => vault.approleRoles());
  const role = await say('getApproleRoleId', () => vault.getApproleRoleId({ role_name: 'app' }));
  const secret = await say('getApproleRoleSecret', () => vault.getApproleRoleSecret({ role_name: 'app' }));
  const { role_id } = role.data as { role_id: string };
  const { secret_id } = secret.data as { secret_id: string };
  const app = nodeVault({ endpoint: address });
  await say('wrong login', () => app.approleLogin({ role_id, secret_id: 'wrong' }));
  const login = await say('approleLogin', () => app.approleLogin({ role_id, secret_id }));
  app.token = (login.auth as { client_token: string }).client_token;
  await say('what the role may', () => app.write('secret/data/app/own', { data: { y: 2 } }));
  await say('what it may not', () => app.mounts());
  await say('tokenLookupSelf', () => app.tokenLookupSelf());
  await say('tokenRenewSelf', () => app.tokenRenewSelf({ increment: '10m' }));

  await say('tokenCreate', () => vault.tokenCreate({ policies: ['app'], ttl: '1h', meta: { made: 'here' } }));
  const wrapped = await say('wrapped', () =>
    vault.tokenCreate({ policies: ['app'], requestOptions: { headers: { 'X-Vault-Wrap-TTL': '5m' } } }),
  );
  await say('unwrap', () => vault.unwrap({ token: (wrapped.wrap_info as { token: string } | null)?.token ?? '' }));
  await say('addTokenRole', () => vault.addTokenRole({ role_name: 'r', allowed_policies: 'app' }));
  await say('tokenCreateRole', () => vault.tokenCreateRole({ role_name: 'r', policies: ['app'] }));
  await say('tokenRevokeSelf', () => app.tokenRevokeSelf());
  await say('a revoked token', () => app.tokenLookupSelf());
  await say('removePolicy', () => vault.removePolicy({ name: 'app' }));
  await say('disableAuth', () => vault.disableAuth({ mount_point: 'approle' }));
  await say('leader', () => vault.leader());
  return teller.told;
};
