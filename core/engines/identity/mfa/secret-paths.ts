/** identity/mfa/method/totp/*generate and admin-destroy: the keys of entities. */
import { quote } from '../../../codec/go-quote.ts';
import { ProtobufWriter } from '../../../codec/protobuf.ts';
import { failure, refuse } from '../../../fault.ts';
import { field } from '../../../framework/field.ts';
import type { Answer } from '../../../framework/reply.ts';
import { reply } from '../../../framework/reply.ts';
import type { IdentityCall } from '../fields.ts';
import { identityPaths } from '../fields.ts';
import { clonedEntity } from '../model.ts';
import type { PlacedMethod, TotpSettings } from './model.ts';
import { encodeBase32 } from '../../../codec/base32.ts';
import { otpUrl } from '../../../crypto/otp.ts';
import { qrPng } from '../../../codec/qr-png.ts';

const fields = {
  method_id: field.string('ID of the method.', { required: true }),
  entity_id: field.string('ID of the entity.', { required: true }),
};

/** Of a key whose size is 0. */
const DEFAULT_KEY_SIZE = 20;

const ALGORITHMS = ['SHA1', 'SHA256', 'SHA512'];

/** identity.mfa.TOTPSecret, without the key. */
const stored = (settings: TotpSettings, account: string): Uint8Array =>
  new ProtobufWriter()
    .text(1, settings.issuer)
    .uint(2, settings.period)
    .uint(3, ALGORITHMS.indexOf(settings.algorithm))
    .uint(4, settings.digits)
    .uint(5, settings.skew)
    .uint(6, settings.keySize)
    .text(8, account)
    .finish();

async function methodOf(id: string, { context: { mfa } }: IdentityCall): Promise<PlacedMethod> {
  const found = await mfa.find(id);
  if (found === undefined) throw refuse(`configuration for method ID ${quote(id)} does not exist`);
  return found;
}

function generate(methodId: string, entityId: string, call: IdentityCall): Promise<Answer> {
  const { directory, mfa } = call.context;
  if (methodId === '') throw refuse('missing method ID');
  if (entityId === '') throw refuse('missing entityID');
  return directory.exclusive(async () => {
    await mfa.ready();
    const { method, namespacePath } = await methodOf(methodId, call);
    const { name, settings } = method;
    const entity = directory.entity(entityId);
    if (entity === undefined) throw refuse('invalid entity ID');
    if (!mfa.namespacePath.startsWith(namespacePath)) {
      throw refuse(`entity namespace ${mfa.namespacePath} outside of the config namespace ${namespacePath}`);
    }
    if (settings.type !== 'totp') throw refuse(`generate not available for MFA type ${quote(settings.type)}`);
    if (entity.mfaSecrets[methodId] !== undefined) {
      return reply({ warnings: [`Entity already has a secret for MFA method ${quote(name)}`] });
    }
    const secret = encodeBase32(call.random.bytes(settings.keySize || DEFAULT_KEY_SIZE));
    const url = otpUrl(settings.issuer, entity.id, secret, settings);
    const barcode = settings.qrSize === 0 ? '' : qrPng(url, settings.qrSize);
    await mfa.putTotpKey(methodId, entity.id, secret);
    const own = { methodName: name, totp: stored(settings, entity.id) };
    const mfaSecrets = { ...entity.mfaSecrets, [methodId]: own };
    await directory.putEntity({ ...clonedEntity(entity), mfaSecrets });
    return { url, barcode };
  });
}

function destroy(methodId: string, entityId: string, call: IdentityCall): Promise<void> {
  const { directory, mfa } = call.context;
  if (methodId === '') throw refuse('missing method ID');
  if (entityId === '') throw refuse('missing entity ID');
  return directory.exclusive(async () => {
    await mfa.ready();
    const entity = directory.entity(entityId);
    if (entity === undefined) throw refuse('invalid entity ID');
    const { method, namespacePath } = await methodOf(methodId, call);
    const { settings } = method;
    if (!mfa.namespacePath.startsWith(namespacePath)) {
      const { namespacePath: own } = mfa;
      throw refuse(`entity namespace ${own} outside of the current namespace ${own}`);
    }
    if (settings.type !== 'totp') throw failure('method ID does not match TOTP type');
    if (entity.mfaSecrets[methodId] === undefined) return;
    const { [methodId]: _gone, ...mfaSecrets } = entity.mfaSecrets;
    await directory.putEntity({ ...clonedEntity(entity), mfaSecrets });
    await mfa.deleteTotpKey(methodId, entityId);
  });
}

export const secretPaths = identityPaths()
  .path(
    'mfa/method/totp/generate',
    "Makes a key for the caller's own entity.",
    { method_id: fields.method_id },
    {
      update: {
        about: "Make a key for the caller's entity.",
        forward: true,
        run: (sent, call) => generate(sent.method_id, call.request.caller?.entityId ?? '', call),
      },
    },
    { id: { prefix: 'mfa', verb: 'generate', suffix: 'totp-secret' } },
  )
  .path(
    'mfa/method/totp/admin-generate',
    'Makes a key for an entity.',
    fields,
    {
      update: {
        about: 'Make a key for an entity.',
        forward: true,
        run: (sent, call) => generate(sent.method_id, sent.entity_id, call),
      },
    },
    { id: { prefix: 'mfa', verb: 'admin-generate', suffix: 'totp-secret' } },
  )
  .path(
    'mfa/method/totp/admin-destroy',
    'Removes the key of an entity.',
    fields,
    {
      update: {
        about: 'Remove the key of an entity.',
        forward: true,
        run: (sent, call) => destroy(sent.method_id, sent.entity_id, call),
      },
    },
    { id: { prefix: 'mfa', verb: 'admin-destroy', suffix: 'totp-secret' } },
  );
