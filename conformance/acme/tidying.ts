/** What tidying makes of accounts, orders and bindings. */
import { eventually } from '../cluster.ts';
import { base64url } from './jws.ts';
import { prove } from './proving.ts';
import type { Session } from './session.ts';

/** Longer than what is issued lives and than the buffers are, both by the clocks of the servers. */
const PAUSE_MILLIS = 4_400;

async function tidy(session: Session, label: string, more: Record<string, unknown>): Promise<void> {
  const before = await session.set('GET', 'pki/tidy-status');
  await session.set('POST', 'pki/tidy', { tidy_acme: true, ...more });
  const status = await eventually('tidying ends', async () => {
    const now = await session.set('GET', 'pki/tidy-status');
    // On a busy machine the real one shows the one before for a while.
    return now['state'] === 'Running' || now['time_started'] === before['time_started'] ? undefined : now;
  });
  const shown = Object.entries(status).filter(([name]) => /acme|state|error|message/.test(name));
  session.told.push(`tidy ${label}: ${JSON.stringify(shown)}`);
}

export async function tidying(session: Session): Promise<void> {
  const accounts = { unused: await session.account(), ordered: await session.account(), gone: await session.account() };
  const { ordered, gone } = accounts;
  const pending = await session.order(ordered, ['a.example.test']);
  await session.client().post(gone.kid, { status: 'deactivated' }, gone);
  await session.set('POST', 'pki/roles/short', { allow_any_name: true, ttl: '2s', key_type: 'any' });
  const short = await session.account('roles/short/acme/');
  const ready = await prove(session, short, ['a.example.test'], 'roles/short/acme/');
  const csr = base64url(await session.world.request('/CN=a.example.test', 'DNS:a.example.test'));
  await session.client().post(`${ready.url}/finalize`, { csr }, short);
  await session.set('POST', 'pki/acme/new-eab');
  const look = async (label: string): Promise<void> => {
    for (const [name, account] of Object.entries({ ...accounts, short })) {
      await session.post(`${label}: account ${name}`, account.kid, undefined, account);
    }
    await session.post(`${label}: pending order`, pending.url, undefined, ordered);
    await session.post(`${label}: ended order`, ready.url, undefined, short);
    session.told.push(`${label}: bindings: ${(await session.bao('LIST', 'pki/eab')).status}`);
  };
  await tidy(session, 'with usual buffers', {});
  await look('after usual buffers');
  const buffers = { acme_account_safety_buffer: '1s', safety_buffer: '1s' };
  for (const turn of ['first', 'second', 'third']) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLIS));
    await tidy(session, `the ${turn} time`, buffers);
    await look(`after the ${turn} time`);
  }
}
