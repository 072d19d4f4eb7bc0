/**
 * A key service as nodes see it: a machine that answers what another OpenBao's transit engine answers (encrypt, decrypt,
 * renew-self), and what goes wrong with such services: gone, slow, refusing, losing its answers, losing its key.
 */
import { decodeBase64, encodeBase64 } from '../../core/codec/base64.ts';
import { concatBytes } from '../../core/codec/bytes.ts';
import { asString } from '../../core/codec/json-fields.ts';
import { parseObject } from '../../core/codec/json.ts';
import type { HttpRequest, HttpResponse } from '../../core/http/message.ts';
import type { Runtime } from '../../core/runtime.ts';
import type { SealChoice } from '../node.ts';
import type { Stream } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import { HttpService } from './http-service.ts';
import { reply } from './json-reply.ts';

const NONCE = 12;
const PORT = 8200;
const TOKEN = 's.key-service';

export class KeyService extends HttpService {
  /** Requests answered with a key. */
  served = 0;
  readonly #secrets: Stream;
  /** By version, the first is 1; survives restarts. */
  readonly #keys: Uint8Array[];
  /** Versions up to this one are lost. */
  #lost = 0;

  /** It is up at once. */
  constructor(simulation: Simulation, name = 'kms') {
    super(simulation, { name, port: PORT, title: 'key service', refusal: refused });
    this.#secrets = simulation.world.random(`${name}/keys`);
    this.#keys = [this.#secrets.bytes(32)];
  }

  /** As nodes are configured with. */
  get choice(): SealChoice {
    return { type: 'transit', address: this.address, token: TOKEN, keyName: 'unseal' };
  }

  /** A new version: what older ones encrypted still decrypts. */
  rotate(): void {
    this.#keys.push(this.#secrets.bytes(32));
  }

  /** For good. */
  loseKeys(): void {
    this.simulation.faults.note('key lost', [this.name]);
    this.#lost = this.#keys.length;
  }

  /** For those who look at disks afterwards: with every key that ever was. Throws for what none of them opens. */
  decrypt(ciphertext: string): Uint8Array {
    const [, version, text] = ciphertext.split(':');
    const key = this.#keys[Number(version?.slice(1)) - 1];
    if (key === undefined || text === undefined) throw new Error('encryption key not found');
    const bytes = decodeBase64(text);
    return this.simulation.crypto.aesGcm(key).open(bytes.subarray(0, NONCE), bytes.subarray(NONCE));
  }

  protected respond({ url, body, headers }: HttpRequest, runtime: Runtime): HttpResponse {
    if (headers.get('x-vault-token')?.[0] !== TOKEN) return refused;
    const fields = parseObject(body);
    switch (url) {
      case '/v1/auth/token/renew-self':
        return reply(200, { auth: { renewable: false, lease_duration: 0 } });
      case '/v1/transit/encrypt/unseal': {
        const version = this.#keys.length;
        const key = this.#keys[version - 1];
        if (key === undefined || version <= this.#lost) return reply(400, { errors: ['encryption key not found'] });
        this.served++;
        const nonce = runtime.random.bytes(NONCE);
        const sealed = this.simulation.crypto
          .aesGcm(key)
          .seal(nonce, decodeBase64(asString(fields['plaintext']) ?? ''));
        return reply(200, { data: { ciphertext: `vault:v${version}:${encodeBase64(concatBytes(nonce, sealed))}` } });
      }
      case '/v1/transit/decrypt/unseal':
        try {
          const ciphertext = asString(fields['ciphertext']) ?? '';
          if (Number(/^vault:v(\d+):/.exec(ciphertext)?.[1]) <= this.#lost) throw new Error('encryption key not found');
          const plaintext = this.decrypt(ciphertext);
          this.served++;
          return reply(200, { data: { plaintext: encodeBase64(plaintext) } });
        } catch {
          return reply(400, { errors: ['encryption key not found'] });
        }
      default:
        return reply(404, { errors: [] });
    }
  }
}

const refused = reply(403, { errors: ['permission denied'] });
