/** PKI: authorities, lists, tidying by hand and by itself, ACME. */
import { clusteredServer, until } from '../../configurations/beside.ts';
import { asked, TRACE } from '../common.ts';
import type { Session } from '../session.ts';

export async function pki(session: Session): Promise<void> {
  const server = await session.server();
  const ask = asked(server);
  await server.configure(clusteredServer('storage "inmem" {}', TRACE));
  await server.start();
  await server.initialise();
  await ask('POST', 'sys/mounts/pki', { type: 'pki' });
  await session.step('alone in memory', () => Promise.resolve());
  await session.step('authorities', async () => {
    await ask('POST', 'pki/root/generate/internal', { common_name: 'one', key_type: 'ec', issuer_name: 'one' });
    await ask('POST', 'pki/root/generate/internal', { common_name: 'two', key_type: 'ec', issuer_name: 'two' });
    await ask('POST', 'pki/intermediate/generate/internal', { common_name: 'three', key_type: 'ec' });
    await ask('POST', 'pki/roles/r', { allow_any_name: true, key_type: 'ec', ttl: '1h' });
    await ask('GET', 'pki/issuer/one');
    await ask('POST', 'pki/issuer/one', { leaf_not_after_behavior: 'truncate' });
  });
  await session.step('certificates', async () => {
    const [, text] = await ask('POST', 'pki/issue/r', { common_name: 'a.example' });
    const { data } = JSON.parse(text) as { data: { serial_number: string } };
    await ask('POST', 'pki/revoke', { serial_number: data.serial_number });
    await ask('POST', 'pki/revoke', { serial_number: data.serial_number });
    await ask('POST', 'pki/revoke', { serial_number: '11:22' });
    await ask('GET', 'pki/crl/rotate');
    await ask('GET', 'pki/crl/rotate-delta');
  });
  await session.step('lists', async () => {
    await ask('POST', 'pki/config/crl', { auto_rebuild: true, enable_delta: true });
    await ask('POST', 'pki/config/crl', { auto_rebuild: false, enable_delta: false, disable: true });
    await ask('POST', 'pki/config/crl', { disable: false });
  });
  const tidied = () =>
    until(async () => {
      const [, text] = await ask('GET', 'pki/tidy-status');
      const { state } = (JSON.parse(text) as { data: { state: string } }).data;
      return state === 'Finished' || state === 'Error' || state === 'Cancelled';
    });
  await session.step('tidied', async () => {
    await ask('POST', 'pki/tidy', {
      tidy_cert_store: true,
      tidy_revoked_certs: true,
      tidy_revoked_cert_issuer_associations: true,
      tidy_expired_issuers: true,
      tidy_move_legacy_ca_bundle: true,
      tidy_acme: true,
      safety_buffer: '1s',
    });
    await tidied();
  });
  await session.step('tidied nothing', async () => {
    await ask('POST', 'pki/tidy', {});
    await ask('POST', 'pki/tidy', { tidy_cert_store: true, safety_buffer: '-1s' });
  });
  await session.step('tidying cancelled', async () => {
    await ask('POST', 'pki/tidy', { tidy_cert_store: true, pause_duration: '1h' });
    await ask('POST', 'pki/tidy', { tidy_cert_store: true });
    await ask('POST', 'pki/tidy-cancel', {});
    await ask('POST', 'pki/tidy-cancel', {});
  });
  await session.step('auto-tidy', async () => {
    await ask('POST', 'pki/config/auto-tidy', { enabled: true, tidy_cert_store: true, interval_duration: '1s' });
    await ask('POST', 'pki/config/auto-tidy', { enabled: false });
  });
  await session.step('ACME', async () => {
    await ask('POST', 'pki/config/cluster', { path: server.filled('http://127.0.0.1:@P0/v1/pki') });
    await ask('POST', 'pki/config/acme', { enabled: true });
    await ask('GET', 'pki/acme/directory', undefined, '');
    await ask('GET', 'pki/acme/new-nonce', undefined, '');
    await ask('POST', 'pki/acme/new-account', {}, '');
    await ask('POST', 'pki/acme/new-eab', {});
  });
  await session.step('issuer gone', async () => {
    await ask('DELETE', 'pki/issuer/two');
    await ask('DELETE', 'pki/root');
    await ask('DELETE', 'sys/mounts/pki');
  });
  await session.step('stop in memory', () => server.end());
}
