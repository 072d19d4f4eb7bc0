/** mfa.Config and mfa.MFAEnforcementConfig, as upstream stores them below sys/login-mfa/. */
import { ProtobufReader, ProtobufWriter } from '../../codec/protobuf.ts';
import type { OtpAlgorithm } from '../../crypto/otp.ts';
import type { Enforcement, MfaMethod, MfaSettings } from '../../engines/identity/mfa/model.ts';

const ALGORITHMS: readonly OtpAlgorithm[] = ['SHA1', 'SHA256', 'SHA512'];

/** The field that holds the settings of a type. */
const FIELDS = { totp: 6, okta: 7, duo: 8, pingid: 9 } as const;

function encodeSettings(settings: MfaSettings): Uint8Array {
  const writer = new ProtobufWriter();
  switch (settings.type) {
    case 'totp':
      return writer
        .text(1, settings.issuer)
        .uint(2, settings.period)
        .uint(3, ALGORITHMS.indexOf(settings.algorithm))
        .uint(4, settings.digits)
        .uint(5, settings.skew)
        .uint(6, settings.keySize)
        .uint(7, BigInt.asUintN(64, BigInt(settings.qrSize)))
        .uint(8, settings.maxAttempts)
        .finish();
    case 'okta':
      return writer
        .text(1, settings.orgName)
        .text(2, settings.apiToken)
        .text(3, settings.baseUrl)
        .bool(4, settings.primaryEmail)
        .bool(5, settings.production)
        .finish();
    case 'duo':
      return writer
        .text(1, settings.integrationKey)
        .text(2, settings.secretKey)
        .text(3, settings.apiHostname)
        .text(4, settings.pushInfo)
        .bool(5, settings.usePasscode)
        .finish();
    case 'pingid':
      return writer
        .text(1, settings.useBase64Key)
        .bool(2, settings.useSignature)
        .text(3, settings.token)
        .text(4, settings.idpUrl)
        .text(5, settings.orgAlias)
        .text(6, settings.adminUrl)
        .text(7, settings.authenticatorUrl)
        .finish();
  }
}

export function encodeMethod(method: MfaMethod): Uint8Array {
  const { type } = method.settings;
  return new ProtobufWriter()
    .text(1, type)
    .text(2, method.name)
    .text(3, method.id)
    .text(5, method.usernameFormat)
    .explicitBytes(FIELDS[type], encodeSettings(method.settings))
    .text(10, method.namespaceId)
    .finish();
}

/** Texts and numbers of a flat message by field; a field is of one kind only. */
function readFlat(bytes: Uint8Array, numbers: readonly number[]) {
  const texts = new Map<number, string>();
  const values = new Map<number, number>();
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    if (numbers.includes(reader.field)) values.set(reader.field, reader.int());
    else texts.set(reader.field, reader.text());
  }
  return {
    text: (field: number): string => texts.get(field) ?? '',
    number: (field: number): number => values.get(field) ?? 0,
  };
}

function decodeSettings(field: number, bytes: Uint8Array): MfaSettings | undefined {
  if (field === FIELDS.totp) {
    const { text, number } = readFlat(bytes, [2, 3, 4, 5, 6, 7, 8]);
    return {
      type: 'totp',
      issuer: text(1),
      period: number(2),
      algorithm: ALGORITHMS[number(3)] ?? 'SHA1',
      digits: number(4),
      skew: number(5),
      keySize: number(6),
      qrSize: number(7),
      maxAttempts: number(8),
    };
  }
  if (field === FIELDS.okta) {
    const { text, number } = readFlat(bytes, [4, 5]);
    const flags = { primaryEmail: number(4) !== 0, production: number(5) !== 0 };
    return { type: 'okta', orgName: text(1), apiToken: text(2), baseUrl: text(3), ...flags };
  }
  if (field === FIELDS.duo) {
    const { text, number } = readFlat(bytes, [5]);
    const keys = { integrationKey: text(1), secretKey: text(2) };
    return { type: 'duo', ...keys, apiHostname: text(3), pushInfo: text(4), usePasscode: number(5) !== 0 };
  }
  if (field !== FIELDS.pingid) return undefined;
  const { text, number } = readFlat(bytes, [2]);
  return {
    type: 'pingid',
    useBase64Key: text(1),
    useSignature: number(2) !== 0,
    token: text(3),
    idpUrl: text(4),
    orgAlias: text(5),
    adminUrl: text(6),
    authenticatorUrl: text(7),
  };
}

/** Undefined where the settings are of no known type. Throws ProtobufError. */
export function decodeMethod(bytes: Uint8Array): MfaMethod | undefined {
  const texts = new Map<number, string>();
  let settings: MfaSettings | undefined;
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    const { field } = reader;
    if ([1, 2, 3, 5, 10].includes(field)) texts.set(field, reader.text());
    else if (field >= 6 && field <= 9) settings = decodeSettings(field, reader.bytes());
  }
  const text = (field: number): string => texts.get(field) ?? '';
  return settings && { id: text(3), name: text(2), usernameFormat: text(5), namespaceId: text(10), settings };
}

export function encodeEnforcement(one: Enforcement): Uint8Array {
  const writer = new ProtobufWriter().text(1, one.name).text(2, one.namespaceId);
  for (const id of one.methodIds) writer.text(3, id);
  for (const accessor of one.accessors) writer.text(4, accessor);
  for (const type of one.types) writer.text(5, type);
  for (const id of one.groupIds) writer.text(6, id);
  for (const id of one.entityIds) writer.text(7, id);
  return writer.text(8, one.id).finish();
}

/** Throws ProtobufError. */
export function decodeEnforcement(bytes: Uint8Array): Enforcement {
  const lists = new Map<number, string[]>();
  const reader = new ProtobufReader(bytes);
  while (reader.next()) lists.set(reader.field, [...(lists.get(reader.field) ?? []), reader.text()]);
  const list = (field: number): string[] => lists.get(field) ?? [];
  const text = (field: number): string => list(field)[0] ?? '';
  return {
    id: text(8),
    name: text(1),
    namespaceId: text(2),
    methodIds: list(3),
    accessors: list(4),
    types: list(5),
    groupIds: list(6),
    entityIds: list(7),
  };
}
