/**
 * Keys of TOTP and codes of earlier, of now and of later that are tried. A model says which are good, and that the
 * active node looks at none twice while it may be.
 */
import { encodeBase32 } from '../../core/codec/base32.ts';
import type { Crypto } from '../../core/crypto/crypto.ts';
import type { OtpRule } from '../../core/crypto/otp.ts';
import { type Micros, SECOND } from '../../core/runtime.ts';
import { at } from '../client.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { Stream } from '../random.ts';
import type { Simulation } from '../simulation.ts';

interface Key {
  readonly name: string;
  readonly secret: Uint8Array;
  readonly rule: OtpRule;
}

/** So near the end of a period that the next one may have begun when the question arrives. */
const EDGE = 2;

export class Passcodes {
  readonly #sim: Simulation;
  readonly #bao: Cluster;
  readonly #dice: Stream;
  readonly #keys: Key[] = [];
  /** By node, key and code: until when it is not looked at again. */
  readonly #used = new Map<string, Micros>();
  /** As they had to be. */
  accepted = 0;
  refused = 0;

  constructor(simulation: Simulation, cluster: Cluster) {
    this.#sim = simulation;
    this.#bao = cluster;
    this.#dice = simulation.world.random('passcodes');
  }

  async furnish(): Promise<void> {
    const dice = this.#dice;
    await this.#bao.mount('totp', 'totp');
    for (const name of ['one', 'two', 'three']) {
      const rule: OtpRule = {
        algorithm: dice.pick(['SHA1', 'SHA256', 'SHA512']),
        digits: dice.pick([6, 8]),
        period: dice.pick([20, 30]),
        skew: dice.pick([0, 1]),
      };
      const secret = dice.bytes(20);
      const body = { key: encodeBase32(secret), account_name: name, ...rule };
      await this.#bao.request('POST', `totp/keys/${name}`, body);
      this.#keys.push({ name, secret, rule });
    }
  }

  async round(): Promise<void> {
    for (let code = 0; code < 6; code++) await this.#try(this.#dice.pick(this.#keys));
    await this.#sim.sleep(this.#dice.between(1, 12) * SECOND);
  }

  /** Nothing that a node has in memory is counted on any more: all codes so far are too old to matter. */
  async forget(): Promise<void> {
    await this.#sim.run('2m');
    this.#used.clear();
  }

  /** Unix seconds, as the nodes have them. */
  get #now(): number {
    return Math.floor(this.#bao.machine(this.#bao.leader).clock.wall() / SECOND);
  }

  async #try(key: Key): Promise<void> {
    const { name, secret, rule } = key;
    const dice = this.#dice;
    const rest = rule.period - (this.#now % rule.period);
    if (rest < EDGE) await this.#sim.sleep(EDGE * SECOND);
    const counter = Math.floor(this.#now / rule.period);
    const away = dice.between(-2, 2);
    const code = codeOf(secret, counter + away, rule, this.#sim.crypto);
    const path = `totp/code/${name}`;
    const node = dice.pick(this.#bao.names);
    // Whoever shows what is to be typed in shows that of now.
    const shown = at((await this.#bao.ask('GET', path, { node })).json, 'data', 'code');
    const now = codeOf(secret, counter, rule, this.#sim.crypto);
    if (shown !== now) throw new StoryFailure(`${node} shows ${JSON.stringify(shown)} for ${name} instead of ${now}`);
    // A standby may hand on what it is asked, and then it is the active node that has looked.
    const { leader } = this.#bao;
    const place = `${leader} ${name} ${code}`;
    for (let attempt = 0; attempt < 2; attempt++) {
      const over = (this.#used.get(place) ?? 0) - this.#sim.world.now;
      // Either may be right, and a question would count.
      if (Math.abs(over) < SECOND) return;
      const { status, json } = await this.#bao.ask('POST', path, { body: { code } });
      const isUsed = over > 0;
      const good = Math.abs(away) <= rule.skew;
      const right = isUsed ? status === 400 : status === 200 && at(json, 'data', 'valid') === good;
      if (!right)
        throw new StoryFailure(
          `${leader} says ${status} ${JSON.stringify(json)} of a code of ${name} ${away} periods away, used: ${isUsed}, ${JSON.stringify(rule)}`,
        );
      if (!isUsed) this.#used.set(place, this.#sim.world.now + (2 + rule.skew) * rule.period * SECOND);
      if (good && !isUsed) this.accepted++;
      else this.refused++;
    }
  }
}

/** RFC 6238, once more: who judges does not ask the judged. */
function codeOf(secret: Uint8Array, counter: number, { algorithm, digits }: OtpRule, crypto: Crypto): string {
  const message = new Uint8Array(8);
  for (let at = 7, rest = counter; at >= 0; at--, rest = Math.floor(rest / 256)) message[at] = rest % 256;
  const hashes = { SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512' } as const;
  const digest = crypto.hmac(hashes[algorithm], secret, message);
  const from = digest[digest.length - 1]! % 16;
  const four = digest.slice(from, from + 4);
  const number = ((four[0]! % 128) * 256 + four[1]!) * 65_536 + four[2]! * 256 + four[3]!;
  return String(number % (digits === 8 ? 100_000_000 : 1_000_000)).padStart(digits, '0');
}
