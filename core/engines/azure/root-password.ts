/**
 * `rotate-root`: a new password for the engine's own application. Azure's machines hear of it one after the other, so the
 * old one serves until a minute has passed, and then goes with all the others that the application has.
 */
import { failure } from '../../fault.ts';
import { MINUTE } from '../../runtime.ts';
import { asFailure, type AzureCall, type AzureRunning, clientOf } from './call.ts';
import { type AzureAsk, azureClient, forgetTokens, newTokens } from './client.ts';
import { noConfig } from './config.ts';
import { addPassword, applicationsOf, removePassword } from './directory.ts';

const HEARD_OF_AFTER = MINUTE;

async function ownApplication(ask: AzureAsk, clientId: string) {
  const [only, ...more] = await applicationsOf(ask, clientId);
  if (only === undefined) throw failure('no application found');
  if (more.length > 0) throw failure('multiple applications found - double check your client_id');
  return only;
}

export async function rotateRoot({ running, runtime, store }: AzureCall): Promise<void> {
  const config = await store.config.get('config');
  if (config === undefined) throw failure('config is nil');
  const ask = await asFailure('', () => clientOf(running));
  const { objectId } = await asFailure('', () => ownApplication(ask, config.clientId));
  const lasts = config.rootPasswordTtl === 0 ? noConfig.rootPasswordTtl : config.rootPasswordTtl;
  const created = runtime.clock.wall();
  const owner = `applications/${objectId}`;
  const { keyId, secret } = await asFailure('failed to add new password: ', () =>
    addPassword(runtime, ask, owner, lasts),
  );
  try {
    await store.config.put('config', { ...config, next: { keyId, secret, created, ends: created + lasts } });
  } catch (error) {
    await removePassword(ask, owner, keyId).catch(() => undefined);
    throw error;
  }
}

/** Every minute: when Azure takes the new one, it is the one, and only then the others go. */
export async function settleRootPassword({ store, context: { runtime }, state }: AzureRunning): Promise<void> {
  const config = await store.config.get('config');
  const next = config?.next;
  if (config === undefined || next === undefined || runtime.clock.wall() - next.created < HEARD_OF_AFTER) return;
  const now = { ...config, clientSecret: next.secret, secretEnds: next.ends };
  const ask = azureClient(runtime, now, newTokens());
  const { objectId, keyIds } = await ownApplication(ask, config.clientId);
  await store.config.put('config', now);
  forgetTokens(state);
  for (const keyId of keyIds) {
    if (keyId !== next.keyId) await removePassword(ask, `applications/${objectId}`, keyId);
  }
  await store.config.put('config', { ...now, next: undefined });
}
