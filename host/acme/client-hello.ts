/** What a TLS client says first (RFC 8446 §4.1.2), as far as it decides which certificate it is to see. */

export interface ClientHello {
  /** '' where it names none. */
  readonly serverName: string;
  readonly protocols: readonly string[];
}

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const RECORD_HEAD = 5;
const SERVER_NAME = 0;
const ALPN = 16;

/** 'more': the record is not there yet; 'none': it is no hello, or one in several records. */
export function readClientHello(bytes: Buffer): ClientHello | 'more' | 'none' {
  if (bytes.length > 0 && bytes[0] !== HANDSHAKE) return 'none';
  if (bytes.length < RECORD_HEAD) return 'more';
  const length = bytes.readUInt16BE(3);
  if (bytes.length < RECORD_HEAD + length) return 'more';
  try {
    return helloOf(bytes.subarray(RECORD_HEAD, RECORD_HEAD + length));
  } catch {
    return 'none';
  }
}

/** Throws RangeError where it ends too early. */
function helloOf(message: Buffer): ClientHello | 'none' {
  if (message[0] !== CLIENT_HELLO) return 'none';
  // Type and length, version, random.
  let at = 4 + 2 + 32;
  const skip = (size: 1 | 2): void => {
    at += size + message.readUIntBE(at, size);
  };
  skip(1); // the session
  skip(2); // suites
  skip(1); // compression
  let serverName = '';
  let protocols: string[] = [];
  const end = at + 2 + message.readUInt16BE(at);
  at += 2;
  while (at < end) {
    const [type, length] = [message.readUInt16BE(at), message.readUInt16BE(at + 2)];
    const body = message.subarray(at + 4, at + 4 + length);
    if (type === SERVER_NAME && body[2] === 0) serverName = body.toString('latin1', 5, 5 + body.readUInt16BE(3));
    if (type === ALPN) protocols = namesIn(body.subarray(2));
    at += 4 + length;
  }
  return { serverName, protocols };
}

function namesIn(list: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at < list.length; at += 1 + list[at]!)
    names.push(list.toString('latin1', at + 1, at + 1 + list[at]!));
  return names;
}
