/** Asks a RADIUS server whether a name and a password belong together. */
import { ACCESS_ACCEPT, ACCESS_REQUEST, decodeRadius, encodeRadius, hidePassword } from '../../codec/radius.ts';
import { isAnswerTo, NAS_IDENTIFIER, NAS_PORT, type RadiusAttribute, USER_NAME } from '../../codec/radius.ts';
import { USER_PASSWORD } from '../../codec/radius.ts';
import { writeUint32 } from '../../codec/bytes.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { failure, refuse } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import { NetworkError } from '../../runtime.ts';
import type { Server } from './config.ts';

const LONGEST_TEXT = 253;
const LONGEST_PASSWORD = 128;

function text(type: number, value: string): RadiusAttribute {
  const bytes = encodeUtf8(value);
  if (bytes.length > LONGEST_TEXT) throw failure('string too long');
  return { type, value: bytes };
}

function number(type: number, value: number): RadiusAttribute {
  const bytes = new Uint8Array(4);
  writeUint32(bytes, 0, value % 2 ** 32);
  return { type, value: bytes };
}

/** Throws a refusal when it says no, says nothing in time, or cannot be asked. */
export async function ask(server: Server, username: string, password: string, runtime: Runtime): Promise<void> {
  const { crypto, datagrams, random } = runtime;
  const secret = encodeUtf8(server.secret);
  const authenticator = random.bytes(16);
  const name = text(USER_NAME, username);
  const word = encodeUtf8(password);
  if (word.length > LONGEST_PASSWORD) throw failure('plaintext longer than 128 characters');
  const request = encodeRadius({
    code: ACCESS_REQUEST,
    identifier: random.bytes(1)[0]!,
    authenticator,
    attributes: [
      name,
      { type: USER_PASSWORD, value: hidePassword(crypto, word, secret, authenticator) },
      ...(server.nasIdentifier === '' ? [] : [text(NAS_IDENTIFIER, server.nasIdentifier)]),
      number(NAS_PORT, server.nasPort),
    ],
  });
  const takes = (answer: Uint8Array): boolean =>
    decodeRadius(answer) !== undefined && isAnswerTo(crypto, answer, request, secret);
  if (datagrams === undefined) throw refuse('dial udp: there are no datagrams here');
  const answer = await datagrams
    .ask({ address: addressOf(server), message: request, timeout: server.readTimeout, takes })
    .catch((error: unknown) => {
      throw error instanceof NetworkError ? refuse(error.message) : error;
    });
  if (answer[0] !== ACCESS_ACCEPT) throw refuse('access denied by the authentication server');
}

const addressOf = ({ host, port }: Server): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;
