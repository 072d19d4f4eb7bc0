/**
 * sys/generate-root, sys/rekey and sys/rekey-recovery-key: for those who hold shares and no token, where the listener
 * lets them in (facts §1.9, §1.10).
 */
import type { Decoded, StructFields } from '../codec/go-struct.ts';
import { encodeBase64 } from '../codec/base64.ts';
import { encodeHex } from '../codec/hex.ts';
import type { JsonValue } from '../codec/json.ts';
import { coded, Fault } from '../fault.ts';
import { checkShareLength, decodeShare, InvalidKey } from '../server/seal/share.ts';
import type { GenerationStatus, GenerationUpdate, RootGeneration } from '../server/seal/root-generation.ts';
import type { RotationResult, RotationStatus, VerificationStatus } from '../server/seal/rotation-shapes.ts';
import { ReadOnly } from '../storage/storage.ts';
import type { ApiNode, ApiOptions, KeyHolders } from './api.ts';
import { auditedReply } from '../server/audit/key-holders.ts';
import { errorReply } from './errors.ts';
import { logicalRequest } from './logical-request.ts';
import type { HttpRequest } from './message.ts';
import type { Reply } from './reply.ts';
import { json, plainError } from './reply.ts';
import { structBody } from './struct-body.ts';
import type { Target } from './url.ts';

type Action = 'read' | 'write' | 'delete' | 'other';

const ACTIONS: Readonly<Record<string, Action>> = { GET: 'read', PUT: 'write', POST: 'write', DELETE: 'delete' };

export const actionOf = (method: string): Action => ACTIONS[method] ?? 'other';

/** The body, as fields of Go's struct of the name that is given. */
type BodyFields = <const F extends StructFields>(struct: string, fields: F) => Decoded<F>;

export const bodyFields =
  (request: HttpRequest, options: ApiOptions): BodyFields =>
  (struct, fields) =>
    structBody(request, options, struct, fields);

interface Asked {
  readonly action: Action;
  readonly holders: KeyHolders;
  readonly fields: BodyFields;
}

const SHARE = { key: 'string', nonce: 'string' } as const;

async function answered(
  request: HttpRequest,
  target: Target,
  node: ApiNode,
  answer: (asked: Asked) => Promise<Reply>,
): Promise<Reply> {
  const logical = await logicalRequest(request, target, node);
  if ((await node.health()).sealed) throw coded(503, 'Vault is sealed');
  const holders = node.keyHolders?.();
  if (holders === undefined) throw new ReadOnly('please forward to the active node');
  const listing = logical.operation === 'list' || logical.operation === 'scan';
  const asked = {
    action: listing ? ('other' as const) : actionOf(request.method),
    holders,
    fields: bodyFields(request, node.options),
  };
  return auditedReply(holders.audit, logical, async () => {
    try {
      return await answer(asked);
    } catch (error) {
      return errorReply(error);
    }
  });
}

/** Whatever it was, the client is told, and told that it was the client. */
async function asRefusal<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Fault) throw coded(400, error.message);
    throw error;
  }
}

/** The share, and the nonce beside it: both are read before either is looked at. */
function shareBy(fields: BodyFields, struct: string): { readonly share: Uint8Array; readonly nonce: string } {
  const { key, nonce } = fields(struct, SHARE);
  if (key === '') throw coded(400, "'key' must be specified in request body as JSON");
  return { share: decodeShare(key), nonce };
}

/** A rekey looks at its length before anything else. */
function measuredShareBy(fields: BodyFields, struct: string): ReturnType<typeof shareBy> {
  const given = shareBy(fields, struct);
  try {
    checkShareLength(given.share);
  } catch (error) {
    throw error instanceof InvalidKey ? coded(400, error.reason) : error;
  }
  return given;
}

// ---- sys/generate-root

export const generateRootReply = (path: string, request: HttpRequest, target: Target, node: ApiNode): Promise<Reply> =>
  answered(request, target, node, ({ action, holders, fields }) => {
    const making = { kind: 'root', makeToken: () => holders.rootToken() } as const;
    return generationReply(path.endsWith('/update'), { action, fields }, holders.rootGeneration, making);
  });

/** Of root tokens and of recovery tokens; `update` is for shares, the other path for the attempt. */
export async function generationReply(
  update: boolean,
  { action, fields }: Pick<Asked, 'action' | 'fields'>,
  generation: Pick<RootGeneration, 'status' | 'start' | 'cancel' | 'update'>,
  { kind, makeToken }: { readonly kind: 'root' | 'recovery'; readonly makeToken: () => Promise<string> },
): Promise<Reply> {
  if (update) {
    const { share, nonce } = shareBy(fields, 'GenerateRootUpdateRequest');
    const updated = await asRefusal(generation.update(share, nonce, makeToken));
    return json(200, generationUpdated(updated, kind));
  }
  switch (action) {
    case 'read':
      return json(200, generationStatus(await generation.status(), ''));
    case 'write': {
      const given = fields('GenerateRootInitRequest', { otp: 'string', pgp_key: 'string' });
      const made = await asRefusal(generation.start(given.otp, given.pgp_key));
      return json(200, generationStatus(await generation.status(), made));
    }
    case 'delete':
      generation.cancel();
      return { status: 204 };
    case 'other':
      return plainError(405);
  }
}

const shown = (fields: {
  readonly nonce: string;
  readonly started: boolean;
  readonly progress: number;
  readonly required: number;
  readonly token: string;
  /** The same, where it is a root token. */
  readonly rootToken: string;
  readonly fingerprint: string;
  readonly otp: string;
  readonly otpLength: number;
}): ReadonlyMap<string, JsonValue> =>
  new Map<string, JsonValue>([
    ['nonce', fields.nonce],
    ['started', fields.started],
    ['progress', fields.progress],
    ['required', fields.required],
    ['complete', fields.token !== ''],
    ['encoded_token', fields.token],
    ['encoded_root_token', fields.rootToken],
    ['pgp_fingerprint', fields.fingerprint],
    ['otp', fields.otp],
    ['otp_length', fields.otpLength],
  ]);

const generationStatus = (status: GenerationStatus, otp: string): ReadonlyMap<string, JsonValue> =>
  shown({ nonce: '', progress: 0, fingerprint: '', ...status, token: '', rootToken: '', otp });

/** Only the status tells how long the pad has to be. */
function generationUpdated(update: GenerationUpdate, kind: 'root' | 'recovery'): ReadonlyMap<string, JsonValue> {
  const token = update.encodedToken;
  const rootToken = kind === 'root' ? token : '';
  return shown({ ...update, started: true, token, rootToken, otp: '', otpLength: 0 });
}

// ---- sys/rekey, sys/rekey-recovery-key

export const rekeyReply = (path: string, request: HttpRequest, target: Target, node: ApiNode): Promise<Reply> =>
  answered(request, target, node, (asked) => rekeyed(path, asked));

async function rekeyed(path: string, { action, holders, fields }: Asked): Promise<Reply> {
  const recovery = path.startsWith('sys/rekey-recovery-key/');
  const rekey = holders.rekey(recovery);
  const stored = holders.auto && !recovery;
  const unsupported = recovery && !holders.auto;
  const status = async (): Promise<Reply> => json(200, rekeyStatus(await rekey.status(), stored));
  if (path.endsWith('/update')) {
    const { share, nonce } = measuredShareBy(fields, 'RekeyUpdateRequest');
    const result = await rekey.update(share, nonce);
    return result === undefined ? status() : json(200, rekeyResult(result));
  }
  if (unsupported) throw coded(400, 'recovery rekeying not supported');
  if (path.endsWith('/verify')) {
    if (action === 'other') return plainError(405);
    if (action === 'read') return json(200, verification(rekey.verificationStatus()));
    if (action === 'delete') return json(200, verification(rekey.restartVerification()));
    const { share, nonce } = measuredShareBy(fields, 'RekeyVerificationUpdateRequest');
    const next = await rekey.verify(share, nonce);
    if (next === undefined) return json(200, verification(rekey.verificationStatus()));
    const done: readonly (readonly [string, JsonValue])[] = [
      ['nonce', next],
      ['complete', true],
    ];
    return json(200, new Map(done));
  }
  switch (action) {
    case 'read':
      return status();
    case 'write':
      await rekey.start(rekeyParameters(fields));
      return status();
    case 'delete':
      rekey.cancel();
      return { status: 204 };
    case 'other':
      return plainError(405);
  }
}

function rekeyParameters(fields: BodyFields) {
  const given = fields('RekeyRequest', {
    secret_shares: 'int',
    secret_threshold: 'int',
    pgp_keys: '[]string',
    backup: 'bool',
    require_verification: 'bool',
  });
  const parameters = {
    shares: given.secret_shares,
    threshold: given.secret_threshold,
    pgpKeys: given.pgp_keys,
    backup: given.backup,
    requireVerification: given.require_verification,
  };
  const { pgpKeys, backup, shares } = parameters;
  if (backup && pgpKeys.length === 0) {
    throw coded(400, 'cannot request a backup of the new keys without providing PGP keys for encryption');
  }
  if (pgpKeys.length > 0 && pgpKeys.length !== shares) throw coded(400, 'incorrect number of PGP keys for rekey');
  return parameters;
}

/** `stored`: the root key of a node that unseals by itself is in nobody's hands, so there is no split to show. */
function rekeyStatus(status: RotationStatus, stored: boolean): ReadonlyMap<string, JsonValue> {
  const begun = status.started ? status : undefined;
  const fingerprints = begun?.fingerprints ?? [];
  const fields = new Map<string, JsonValue>([
    ['nonce', begun?.nonce ?? ''],
    ['started', status.started],
    ['t', stored ? 0 : (begun?.threshold ?? 0)],
    ['n', stored ? 0 : (begun?.shares ?? 0)],
    ['progress', begun?.progress ?? 0],
    ['required', status.required],
    ['pgp_fingerprints', fingerprints.length === 0 ? null : fingerprints],
    ['backup', begun?.backup ?? false],
    ['verification_required', begun?.verificationRequired ?? false],
  ]);
  if ((begun?.verificationNonce ?? '') !== '') fields.set('verification_nonce', begun!.verificationNonce);
  return fields;
}

function rekeyResult(result: RotationResult): ReadonlyMap<string, JsonValue> {
  const fields = new Map<string, JsonValue>([
    ['nonce', result.nonce],
    ['complete', true],
    ['keys', result.shares.map(encodeHex)],
    ['keys_base64', result.shares.map(encodeBase64)],
    ['pgp_fingerprints', result.fingerprints.length === 0 ? null : result.fingerprints],
    ['backup', result.backup],
    ['verification_required', result.verificationRequired],
  ]);
  if (result.verificationNonce !== '') fields.set('verification_nonce', result.verificationNonce);
  return fields;
}

const verification = (status: VerificationStatus): ReadonlyMap<string, JsonValue> =>
  new Map<string, JsonValue>([
    ['nonce', status.nonce],
    ['started', status.started],
    ['t', status.threshold],
    ['n', status.shares],
    ['progress', status.progress],
  ]);
