/**
 * What client-go writes: Kubernetes' protobuf, as far as service accounts, roles, bindings and token requests go. Read
 * into what the same objects are in JSON.
 */
import { ProtobufReader } from '../../core/codec/protobuf.ts';
import { print, type JsonObject } from '../../core/codec/json.ts';
import { decodeUtf8, encodeUtf8 } from '../../core/codec/utf8.ts';

const MAGIC = 'k8s\0';

export const isKubernetesProtobuf = (body: Uint8Array): boolean => decodeUtf8(body.subarray(0, 4)) === MAGIC;

type Fields = ReadonlyMap<number, readonly (Uint8Array | number)[]>;

function fieldsOf(bytes: Uint8Array): Fields {
  const fields = new Map<number, (Uint8Array | number)[]>();
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    const known = fields.get(reader.field) ?? [];
    fields.set(reader.field, known);
    known.push(reader.wire === 0 ? reader.uint() : reader.bytes());
  }
  return fields;
}

const inner = (fields: Fields, number: number): Fields[] =>
  (fields.get(number) ?? []).map((one) => fieldsOf(one as Uint8Array));
const texts = (fields: Fields, number: number): string[] =>
  (fields.get(number) ?? []).map((one) => decodeUtf8(one as Uint8Array));
const text = (fields: Fields, number: number): string => texts(fields, number)[0] ?? '';
const pairs = (fields: Fields, number: number): JsonObject =>
  Object.fromEntries(inner(fields, number).map((pair) => [text(pair, 1), text(pair, 2)]));

/** The JSON of the object in the envelope. */
export function kubernetesJson(body: Uint8Array): Uint8Array {
  const envelope = fieldsOf(body.subarray(MAGIC.length));
  const [type] = inner(envelope, 1);
  const kind = text(type!, 2);
  const object = fieldsOf(envelope.get(2)![0] as Uint8Array);
  const common = { apiVersion: text(type!, 1), kind, metadata: metadataOf(object) };
  return encodeUtf8(print({ ...common, ...specialOf(kind, object) }));
}

function metadataOf(object: Fields): JsonObject {
  const [metadata] = inner(object, 1);
  if (metadata === undefined) return {};
  return {
    name: text(metadata, 1),
    namespace: text(metadata, 3),
    labels: pairs(metadata, 11),
    annotations: pairs(metadata, 12),
    ownerReferences: inner(metadata, 13).map((owner) => ({
      kind: text(owner, 1),
      name: text(owner, 3),
      uid: text(owner, 4),
      apiVersion: text(owner, 5),
    })),
  };
}

function specialOf(kind: string, object: Fields): JsonObject {
  if (kind === 'TokenRequest') {
    const [spec] = inner(object, 2);
    return { spec: { audiences: texts(spec!, 1), expirationSeconds: (spec!.get(4)?.[0] as number) ?? 0 } };
  }
  if (kind.endsWith('Binding')) {
    const subjects = inner(object, 2).map((one) => ({
      kind: text(one, 1),
      apiGroup: text(one, 2),
      name: text(one, 3),
      namespace: text(one, 4),
    }));
    const [role] = inner(object, 3);
    return { subjects, roleRef: { apiGroup: text(role!, 1), kind: text(role!, 2), name: text(role!, 3) } };
  }
  if (!kind.endsWith('Role')) return {};
  return {
    rules: inner(object, 2).map((rule) => ({
      verbs: texts(rule, 1),
      apiGroups: texts(rule, 2),
      resources: texts(rule, 3),
      resourceNames: texts(rule, 4),
      nonResourceURLs: texts(rule, 5),
    })),
  };
}
