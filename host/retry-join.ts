/** `retry_join` of the raft stanza: whom a node asks to be let in. Certificates are given as text or in files. */
import { readFileSync } from 'node:fs';
import { decodeStruct } from '../core/codec/go-struct.ts';
import type { Decoded } from '../core/codec/go-struct.ts';
import { quote } from '../core/codec/go-quote.ts';
import { decodePems } from '../core/codec/pem.ts';
import { JsonReader } from '../core/codec/json-reader.ts';
import { JsonError, isObject, kindOf } from '../core/codec/json.ts';
import type { JsonValue } from '../core/codec/json.ts';
import { ConfigurationError } from '../core/server/configuration/configuration.ts';
import type { LeaderContact } from '../core/server/ha/raft-join.ts';
import { undiscovered } from './auto-join.ts';
import { readFault } from './errno.ts';
import { keyPairFault } from './key-pair.ts';

const FIELDS = {
  auto_join: 'string',
  auto_join_scheme: 'string',
  auto_join_port: 'uint',
  leader_api_addr: 'string',
  leader_ca_cert: 'string',
  leader_client_cert: 'string',
  leader_client_key: 'string',
  leader_ca_cert_file: 'string',
  leader_client_cert_file: 'string',
  leader_client_key_file: 'string',
  leader_tls_servername: 'string',
} as const;

type Join = Decoded<typeof FIELDS>;

/** `text` is the setting: JSON, unless it was written as a text. Throws ConfigurationError. */
export function contactsOf(text: string): readonly LeaderContact[] {
  if (text === '') return [];
  const joins = decoded(text);
  if (joins.length === 0) throw failed('invalid retry_join config');
  return joins.map(contactOf);
}

function decoded(text: string): readonly Join[] {
  try {
    // What stands behind the first value is not looked at.
    const value = new JsonReader(text, 'stream').value();
    if (value === null) return [];
    if (Array.isArray(value)) return (value as readonly JsonValue[]).map(joinOf);
    throw new JsonError(`json: cannot unmarshal ${kindOf(value)} into Go value of type []*raft.LeaderJoinInfo`);
  } catch (error) {
    if (error instanceof JsonError) throw failed(`failed to decode retry_join config: ${error.message}`);
    throw error;
  }
}

function joinOf(value: JsonValue, index: number): Join {
  if (isObject(value)) return decodeStruct(value, FIELDS, `.${index}`);
  throw new JsonError(`json: cannot unmarshal ${kindOf(value)} into .${index} of type raft.LeaderJoinInfo`);
}

function contactOf(join: Join, index: number): LeaderContact {
  const { auto_join: words, auto_join_scheme: scheme, leader_api_addr: address } = join;
  if (words !== '' && address !== '') throw failed('cannot provide both a leader_api_addr and auto_join');
  if (!['', 'http', 'https'].includes(scheme)) {
    throw failed(`invalid scheme ${quote(scheme)}; must either be http or https`);
  }
  return {
    ...(words === '' ? {} : { undiscovered: undiscovered(words) }),
    address,
    ...certificatesOf(join, index),
    serverName: join.leader_tls_servername,
  };
}

/** Files count where one is named, and the texts beside them do not. */
function certificatesOf(join: Join, index: number): Pick<LeaderContact, 'ca' | 'clientCertificate' | 'clientKey'> {
  const wrong = (reason: string): ConfigurationError =>
    failed(`failed to create tls config to communicate with leader node (retry_join index: ${index}): ${reason}`);
  const { leader_ca_cert: text, leader_client_cert: certificate, leader_client_key: key } = join;
  const { leader_ca_cert_file: file, leader_client_cert_file: first, leader_client_key_file: second } = join;
  const inFiles = file !== '' || first !== '' || second !== '';
  const ca = file === '' ? (inFiles ? '' : text) : authorityIn(file, wrong);
  const [one, other] = inFiles ? [first, second] : [certificate, key];
  // Half of a pair goes unnoticed where an authority is named.
  if (one === '' || other === '') {
    if (ca === '' && one !== other) throw wrong('invalid certificate parameters');
    return { ca };
  }
  const [clientCertificate, clientKey] = inFiles ? [read(one, wrong), read(other, wrong)] : [one, other];
  const fault = keyPairFault(clientCertificate, clientKey);
  if (fault !== undefined) throw wrong(fault);
  return { ca, clientCertificate, clientKey };
}

type Wrong = (reason: string) => ConfigurationError;

function authorityIn(file: string, wrong: Wrong): string {
  const text = read(file, (reason) => wrong(`failed to read CA file: ${reason}`));
  if (!decodePems(text).some(({ type }) => type === 'CERTIFICATE')) throw wrong('failed to parse CA certificate');
  return text;
}

function read(file: string, wrong: Wrong): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw wrong(readFault(file, error));
  }
}

const failed = (reason: string): ConfigurationError =>
  new ConfigurationError(`Failed to initiate raft retry join, ${quote(reason)}`);
