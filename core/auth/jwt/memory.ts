/** What a mount keeps in memory: its configuration, the keys that it names, the provider, and logins under way. */
import type { BackendContext } from '../../framework/logical.ts';
import type { Call } from '../../framework/call.ts';
import type { Reader } from '../../storage/storage.ts';
import { parse } from '../../codec/json.ts';
import { staticKeys } from '../../framework/jwt/keys.ts';
import type { KeySet } from '../../framework/jwt/keys.ts';
import { parsePublicKey } from '../../framework/jwt/public-key.ts';
import { celRoles } from './cel-role.ts';
import type { JwtConfig } from './config.ts';
import { config, sourceOf } from './config.ts';
import { discoveredKeys, RemoteKeys } from './key-set.ts';
import { Flows } from './oidc/flows.ts';
import { discoverProvider } from './oidc/provider.ts';
import type { Provider } from './oidc/provider.ts';
import { roles } from './role.ts';
import { ProviderError, reachOf } from './web.ts';

export class JwtMemory {
  readonly flows: Flows;
  readonly #context: BackendContext;
  #config: JwtConfig | undefined;
  #keys: KeySet | undefined;
  #provider: Provider | undefined;

  constructor(context: BackendContext) {
    this.#context = context;
    this.flows = new Flows(context.runtime.clock);
  }

  /** What follows from the configuration is made anew. */
  reset(): void {
    this.#config = undefined;
    this.#keys = undefined;
    this.#provider = undefined;
  }

  async config(storage: Reader): Promise<JwtConfig | undefined> {
    if (this.#config !== undefined) return this.#config;
    const bytes = await storage.get(config.prefix);
    if (bytes !== undefined) this.#config = config.form.decode(parse(bytes));
    return this.#config;
  }

  /** The keys that tokens are verified with. Rejects ProviderError when the issuer cannot be asked for them. */
  async keys(stored: JwtConfig): Promise<KeySet> {
    if (this.#keys !== undefined) return this.#keys;
    const made = await this.#make(stored);
    // A configuration that was written meanwhile has keys of its own.
    if (this.#config === stored) this.#keys = made;
    return made;
  }

  #make(stored: JwtConfig): Promise<KeySet> | KeySet {
    const { runtime } = this.#context;
    const source = sourceOf(stored);
    if (source === 'static') return staticKeys(runtime.crypto, stored.publicKeys.map(parsePublicKey));
    try {
      if (source === 'jwks') {
        return new RemoteKeys(runtime.crypto, reachOf(runtime.web, stored.jwksCa), stored.jwksUrl);
      }
      if (source === 'discovery' || source === 'flow') {
        return explained(discoveredKeys(runtime.crypto, reachOf(runtime.web, stored.discoveryCa), stored.discoveryUrl));
      }
    } catch (error) {
      throw keysetError(error);
    }
    throw new ProviderError('unsupported config type');
  }

  /** The provider that users log in with. Rejects ProviderError. */
  async provider(stored: JwtConfig): Promise<Provider> {
    if (this.#provider !== undefined) return this.#provider;
    const made = await discoverProvider(this.#context.runtime, stored);
    if (this.#config === stored) this.#provider = made;
    return made;
  }
}

const keysetError = (error: unknown): unknown =>
  error instanceof ProviderError ? new ProviderError(`keyset configuration error: ${error.message}`) : error;

const explained = (keys: Promise<KeySet>): Promise<KeySet> =>
  keys.catch((error: unknown) => {
    throw keysetError(error);
  });

export const storage = { config, roles, celRoles };

export type JwtCall = Call<JwtMemory, typeof storage, BackendContext>;
