/** The npm client `hashi-vault-js`, unmodified. */
import Vault from 'hashi-vault-js';
import { type ClientScript, Teller } from './told.ts';

/** Declared a string, sent as it is: the API wants a list or an object. */
const DEFAULT = ['default'] as unknown as string;
const LIMITED = { max_versions: 3 } as unknown as string;

export const playHashiVaultJs: ClientScript = async (address, root) => {
  const teller = new Teller();
  const say = <T>(name: string, made: () => PromiseLike<T>): Promise<T | undefined> =>
    teller.call(name, async () => made());
  const vault = new Vault({ baseUrl: `${address}/v1`, timeout: 20_000, proxy: false });

  await say('healthCheck', () => vault.healthCheck({}));
  await say('sealStatus', () => vault.sealStatus());
  await say('sysCapabilitiesSelf', () => vault.sysCapabilitiesSelf(root, ['secret/data/a', 'sys/mounts']));

  await say('readKVEngineConfig', () => vault.readKVEngineConfig(root));
  await say('updateKVEngineConfig', () => vault.updateKVEngineConfig(root, { max_versions: 5 }));
  await say('createKVSecret', () => vault.createKVSecret(root, 'app', { user: 'alice', n: 1 }));
  await say('createKVSecret again', () => vault.createKVSecret(root, 'app', { user: 'eve' }));
  await say('updateKVSecret', () => vault.updateKVSecret(root, 'app', { user: 'bob' }, 1));
  await say('readKVSecret', () => vault.readKVSecret(root, 'app'));
  await say('readKVSecret of a version', () => vault.readKVSecret(root, 'app', 1));
  await say('readKVSecret of nothing', () => vault.readKVSecret(root, 'none'));
  await say('readKVSecret without permission', () => vault.readKVSecret('wrong', 'app'));
  await say('listKVSecrets', () => vault.listKVSecrets(root, ''));
  await say('deleteLatestVerKVSecret', () => vault.deleteLatestVerKVSecret(root, 'app'));
  await say('undeleteVersionsKVSecret', () => vault.undeleteVersionsKVSecret(root, 'app', [2]));
  await say('deleteVersionsKVSecret', () => vault.deleteVersionsKVSecret(root, 'app', [1]));
  await say('destroyVersionsKVSecret', () => vault.destroyVersionsKVSecret(root, 'app', [1]));
  await say('updateKVSecretMeta', () => vault.updateKVSecretMeta(root, 'app', LIMITED));
  await say('readKVSecretMeta', () => vault.readKVSecretMeta(root, 'app'));
  await say('eliminateKVSecret', () => vault.eliminateKVSecret(root, 'app'));
  await say('listKVSecrets of nothing', () => vault.listKVSecrets(root, ''));

  const made = await say('createToken', () => vault.createToken(root, { policies: DEFAULT, ttl: '1h' }));
  const { client_token: token, accessor } = made as { client_token: string; accessor: string };
  await say('lookupSelfToken', () => vault.lookupSelfToken(token));
  await say('lookupToken', () => vault.lookupToken(root, token));
  await say('renewSelfToken', () => vault.renewSelfToken(token, '30m'));
  await say('lookupAccessor', () => vault.lookupAccessor(root, accessor));
  await say('renewAccessor', () => vault.renewAccessor(root, accessor, '20m'));
  await say('revokeSelfToken', () => vault.revokeSelfToken(token));
  await say('a revoked token', () => vault.lookupSelfToken(token));

  await teller.call('sys/auth/userpass, by fetch', async () => {
    const response = await fetch(`${address}/v1/sys/auth/userpass`, {
      method: 'POST',
      headers: { 'X-Vault-Token': root },
      body: '{"type":"userpass"}',
    });
    return response.status;
  });
  await say('createUserpassUser', () => vault.createUserpassUser(root, 'carol', 'pw', ['default']));
  await say('readUserpassUser', () => vault.readUserpassUser(root, 'carol'));
  await say('listUserpassUsers', () => vault.listUserpassUsers(root));
  await say('loginWithUserpass', () => vault.loginWithUserpass('carol', 'pw'));
  await say('loginWithUserpass wrongly', () => vault.loginWithUserpass('carol', 'no'));
  await say('updateUserpassPassword', () => vault.updateUserpassPassword(root, 'carol', 'pw2'));
  await say('deleteUserpassUser', () => vault.deleteUserpassUser(root, 'carol'));
  return teller.told;
};
