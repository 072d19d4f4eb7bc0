/** What templates take from a node. */
import { randomBase62 } from '../codec/base62.ts';
import type { TemplateWorld } from '../codec/go-template/upstream-functions.ts';
import { makeUuid } from '../codec/uuid.ts';
import type { Runtime } from '../runtime.ts';

export function templateWorld({ clock, crypto, random }: Pick<Runtime, 'clock' | 'crypto' | 'random'>): TemplateWorld {
  const bytes = (length: number): Uint8Array => random.bytes(length);
  return {
    random: (length) => randomBase62(length, bytes),
    now: () => clock.wall(),
    uuid: () => makeUuid(bytes),
    sha256: (data) => crypto.hash('sha256', data),
  };
}
