/** The stand-in RADIUS server on a port of this machine: who is called by what goes wrong gets that. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { ACCESS_ACCEPT, attributeOf, decodeRadius, USER_NAME } from '../../core/codec/radius.ts';
import { decodeUtf8, encodeUtf8 } from '../../core/codec/utf8.ts';
import { portableCrypto } from '../../core/crypto/portable.ts';
import { RadiusApi } from '../../sim/services/radius-api.ts';
import type { RunningService } from './service.ts';

const PEOPLE = {
  alice: 'alicepw',
  Bob: 'Bobpw',
  bob: 'bobpw',
  'a/b': 'slash',
  long: 'x'.repeat(128),
  block: '0123456789abcdef',
  'ümlaut €': 'pä€s',
  ['u'.repeat(253)]: 'pw',
};

const ACCESS_CHALLENGE = 11;
const junk = Uint8Array.of(ACCESS_ACCEPT, 0, 0, 20);

export async function startRadius(): Promise<RunningService> {
  const api = new RadiusApi(portableCrypto(), 'testing123', PEOPLE);
  const accept = (question: Uint8Array): Uint8Array => api.say(ACCESS_ACCEPT, question);
  const renumbered = (question: Uint8Array): Uint8Array =>
    api.say(
      ACCESS_ACCEPT,
      Uint8Array.from(question, (byte, at) => (at === 1 ? byte ^ 1 : byte)),
    );
  const odd: Readonly<Record<string, (question: Uint8Array) => readonly Uint8Array[]>> = {
    silent: () => [],
    stranger: (question) => [api.say(ACCESS_ACCEPT, question, encodeUtf8('another'))],
    challenge: (question) => [api.say(ACCESS_CHALLENGE, question)],
    unheard: (question) => [api.say(77, question)],
    noisy: (question) => [...Array<Uint8Array>(15).fill(junk), accept(question)],
    renumbered: (question) => [renumbered(question)],
    torn: (question) => [accept(question).subarray(0, 19)],
    padded: (question) => [Uint8Array.of(...accept(question), 1, 2, 3)],
  };
  const asked: string[] = [];
  const socket = createSocket('udp4', (question, { address, port }) => {
    const packet = decodeRadius(question);
    if (packet === undefined) return;
    const name = decodeUtf8(attributeOf(packet, USER_NAME));
    asked.push(`ACCESS ${packet.attributes.map(({ type, value }) => `${type}:${value.length}`).join(' ')}`);
    const said = Object.hasOwn(odd, name) ? odd[name]!(question) : [api.answer(question)];
    for (const one of said) if (one !== undefined) socket.send(one, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `radius://127.0.0.1:${socket.address().port}`,
    asked,
    stop: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}
