/** Directories and nonces, before and after ACME is switched on. */
import type { Session } from './session.ts';

export async function directories(session: Session): Promise<void> {
  const look = async (label: string, directory: string, method = 'GET', path = 'directory'): Promise<void> =>
    session.note(label, await session.client().ask(method, `${session.mount}/${directory}${path}`));
  await look('directory before ACME is on', 'acme/');
  await look('nonce before ACME is on', 'acme/', 'GET', 'new-nonce');
  session.note('on without a cluster path', await session.bao('POST', 'pki/config/acme', { enabled: true }));
  await session.set('POST', 'pki/config/cluster', { path: session.mount });
  const resolver = { dns_resolver: `127.0.0.1:${session.world.dns.port}` };
  const on = { enabled: true, eab_policy: 'not-required', ...resolver };
  session.note('on', await session.bao('POST', 'pki/config/acme', on));
  for (const directory of [
    'acme/',
    'roles/web/acme/',
    'roles/none/acme/',
    'issuer/default/acme/',
    'issuer/none/acme/',
    'issuer/default/roles/web/acme/',
    'issuer/default/roles/none/acme/',
    'roles/unstored/acme/',
    'issuer/second/acme/',
    'roles/second/acme/',
  ]) {
    await look(`directory ${directory}`, directory);
    for (const method of ['GET', 'HEAD', 'POST'])
      await look(`${method} nonce ${directory}`, directory, method, 'new-nonce');
  }
  for (const method of ['POST', 'HEAD', 'PUT', 'DELETE', 'LIST']) await look(`${method} directory`, 'acme/', method);
  for (const path of [
    'new-account',
    'new-order',
    'orders',
    'key-change',
    'revoke-cert',
    'account/x',
    'order/x',
    'nothing',
    '',
  ]) {
    await look(`GET ${path}`, 'acme/', 'GET', path);
    session.note(`POST ${path} with nothing`, await session.client().ask('POST', `${session.mount}/acme/${path}`));
    session.note(`POST ${path} with {}`, await session.client().ask('POST', `${session.mount}/acme/${path}`, '{}'));
    session.note(`POST ${path} with a list`, await session.client().ask('POST', `${session.mount}/acme/${path}`, '[]'));
    session.note(`POST ${path} with no JSON`, await session.client().ask('POST', `${session.mount}/acme/${path}`, 'x'));
  }
}
