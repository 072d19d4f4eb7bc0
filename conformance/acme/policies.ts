/** Whom directories are for, and what their settings may be. */
import { base64url, type Json } from './jws.ts';
import { prove, shownByOpenssl } from './proving.ts';
import type { Session } from './session.ts';

/** Roles, issuers and the policy of the directory without either. */
export async function policies(session: Session): Promise<void> {
  const look = async (label: string, settings: Json): Promise<void> => {
    session.note(`${label}: set`, await session.bao('POST', 'pki/config/acme', settings));
    for (const directory of [
      'acme/',
      'roles/web/acme/',
      'roles/other/acme/',
      'issuer/default/acme/',
      'issuer/second/acme/',
      'issuer/second/roles/web/acme/',
    ]) {
      session.note(
        `${label}: ${directory}`,
        await session.client().ask('GET', `${session.mount}/${directory}directory`),
      );
    }
  };
  await look('forbid', { default_directory_policy: 'forbid' });
  await look('a role', { default_directory_policy: 'role:web' });
  const account = await session.account();
  for (const value of ['a.example.test', 'a.elsewhere.test', '*.example.test', '*.elsewhere.test', 'example.test']) {
    await session.post(`role: order ${value}`, 'new-order', { identifiers: [{ type: 'dns', value }] }, account);
  }
  await session.post('role: order ip', 'new-order', { identifiers: [{ type: 'ip', value: '127.0.0.77' }] }, account);
  const ready = await prove(session, account, ['a.example.test']);
  const csr = base64url(await session.world.request('/CN=a.example.test', 'DNS:a.example.test'));
  await session.post('role: certificate', `${ready.url}/finalize`, { csr }, account);
  await shownByOpenssl(session, 'role', (await session.client().post(`${ready.url}/cert`, undefined, account)).text);
  await session.set('POST', 'pki/config/acme', { allow_role_ext_key_usage: true });
  const again = await prove(session, account, ['a.example.test']);
  await session.post('role with its usages: certificate', `${again.url}/finalize`, { csr }, account);
  await shownByOpenssl(
    session,
    'role with its usages',
    (await session.client().post(`${again.url}/cert`, undefined, account)).text,
  );
  const strict = await session.account('roles/strict/acme/');
  const refused = await prove(session, strict, ['a.example.test'], 'roles/strict/acme/');
  await session.post('a key that the role forbids', `${refused.url}/finalize`, { csr }, strict);
  await session.set('POST', 'pki/config/acme', { allow_role_ext_key_usage: false });
  await look('no such role', { default_directory_policy: 'role:none' });
  await look('an empty role', { default_directory_policy: 'role:' });
  await look('nonsense', { default_directory_policy: 'nonsense' });
  await look('roles', { allowed_roles: ['web'], default_directory_policy: 'sign-verbatim' });
  await look('roles without the default', { allowed_roles: ['other'], default_directory_policy: 'role:web' });
  await look('any role', { allowed_roles: ['*'] });
  await look('issuers', { allowed_issuers: ['second'] });
  await look('issuers by name', { allowed_issuers: ['default'] });
  await look('issuers of nobody', { allowed_issuers: ['none'] });
  await look('any issuer', { allowed_issuers: ['*'] });
  await look('binding', { eab_policy: 'nonsense' });
  for (const resolver of [
    'x',
    '127.0.0.1',
    'localhost:53',
    '127.0.0.1:53:1',
    '[::1]:53',
    ':53',
    '127.0.0.1:',
    '127.0.0.1:x',
  ]) {
    session.note(`resolver ${resolver}`, await session.bao('POST', 'pki/config/acme', { dns_resolver: resolver }));
  }
  await session.set('POST', 'pki/config/acme', { dns_resolver: `127.0.0.1:${session.world.dns.port}` });
  await look('off', { enabled: false });
  session.note('order when it is off', await session.client().post('new-order', {}, account));
}
