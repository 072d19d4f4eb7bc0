/** The seal whose key never leaves another OpenBao: its transit engine encrypts and decrypts (facts §1.12). */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { noBytes } from '../../codec/bytes.ts';
import { asNumber, asObject, asString } from '../../codec/json-fields.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { failure } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import { BaoClient, type BaoServer } from './bao-client.ts';
import type { SealedBlob } from './blob.ts';
import { keepRenewed } from './token-renewal.ts';
import type { SealWrapper } from './wrapper.ts';

export interface TransitSettings extends BaoServer {
  readonly keyName: string;
  /** With or without a slash at the end. */
  readonly mountPath: string;
  /** Before the version in the key's id, so that keys of the same version of two seals differ. */
  readonly keyIdPrefix: string;
  readonly disableRenewal: boolean;
}

export class TransitWrapper implements SealWrapper {
  readonly type = 'transit';
  readonly #runtime: Runtime;
  readonly #settings: TransitSettings;
  readonly #client: BaoClient;
  readonly #mount: string;
  /** Of the last encryption. */
  #keyId = '';

  constructor(runtime: Runtime, settings: TransitSettings) {
    this.#runtime = runtime;
    this.#settings = settings;
    this.#client = new BaoClient(runtime, settings);
    this.#mount = settings.mountPath.replace(/\/$/, '');
  }

  /** Renews the token, as long as that is possible, and has one byte encrypted. */
  async connect(): Promise<void> {
    if (!this.#settings.disableRenewal && this.#settings.token !== '') await this.#renew();
    await this.encrypt(encodeUtf8('a'));
  }

  async keyId(): Promise<string> {
    return this.#keyId;
  }

  async encrypt(plaintext: Uint8Array): Promise<SealedBlob> {
    const answer = await this.#client.write(this.#path('encrypt'), { plaintext: encodeBase64(plaintext) });
    const ciphertext = asString(asObject(answer['data'])?.['ciphertext']) ?? '';
    const version = ciphertext.split(':')[1];
    if (version === undefined) throw failure('invalid ciphertext returned');
    this.#keyId = this.#settings.keyIdPrefix + version;
    return { ciphertext: encodeUtf8(ciphertext), iv: noBytes, keyId: this.#keyId };
  }

  async decrypt({ ciphertext }: SealedBlob): Promise<Uint8Array> {
    const answer = await this.#client.write(this.#path('decrypt'), { ciphertext: decodeUtf8(ciphertext) });
    const plaintext = asString(asObject(answer['data'])?.['plaintext']);
    if (plaintext === undefined) throw failure('no plaintext returned');
    return decodeBase64(plaintext);
  }

  #path(what: 'encrypt' | 'decrypt'): string {
    return `${this.#mount}/${what}/${this.#settings.keyName}`;
  }

  async #renew(): Promise<void> {
    const { token } = this.#settings;
    const { clock } = this.#runtime;
    /** Seconds; 0: it lasts as it is. */
    const renewed = async (): Promise<number> => {
      const answer = await this.#client.write('auth/token/renew-self', { increment: 0, token });
      const auth = asObject(answer['auth']);
      return auth?.['renewable'] === true ? (asNumber(auth['lease_duration']) ?? 0) : 0;
    };
    try {
      const lease = await renewed();
      if (lease > 0) keepRenewed(clock, lease, renewed);
    } catch {
      // A token without that right is as good as any other until it ends; 2.7.2 says nothing either.
    }
  }
}
