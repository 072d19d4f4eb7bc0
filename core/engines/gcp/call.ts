/** What the operations of Google Cloud run with. */
import { parseGoogleAccount } from '../../crypto/google-account.ts';
import { failure, refuse } from '../../fault.ts';
import { collection } from '../../framework/collection.ts';
import type { Call, Running } from '../../framework/call.ts';
import { paths, type PathSet } from '../../framework/engine.ts';
import type { KeptToken } from '../../framework/kept-token.ts';
import type { BackendContext } from '../../framework/logical.ts';
import { accountForm, impersonatedForm } from './account.ts';
import { type GoogleAsk, googleClient, GoogleError } from './client.ts';
import { configForm, noConfig } from './config.ts';

export const storage = {
  /** `config`, in the mount's root. */
  config: collection('', configForm),
  roleset: collection('roleset/', accountForm),
  'static-account': collection('static-account/', accountForm),
  impersonated: collection('impersonated-account/', impersonatedForm),
};

export type GcpCall = Call<KeptToken, typeof storage, BackendContext>;
export type GcpRunning = Running<KeptToken, typeof storage, BackendContext>;

export const gcpPaths = (): PathSet<KeptToken, typeof storage, BackendContext> => paths<KeptToken, typeof storage>();

/** Speaks as `config` says. Rejects with a failure where that has no credentials. */
export async function clientOf({ store, context, state }: GcpRunning): Promise<GoogleAsk> {
  const { credentials } = (await store.config.get('config')) ?? noConfig;
  if (credentials === '') throw failure('google: could not find default credentials.');
  return googleClient(context.runtime, parseGoogleAccount(credentials), state);
}

/** Runs `body`; what Google refuses is refused with `prefix` before its words. */
export async function told<T>(prefix: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw error instanceof GoogleError ? refuse(`${prefix}${error.message}`) : error;
  }
}
