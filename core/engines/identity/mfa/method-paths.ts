/** identity/mfa/method: how logins can be confirmed. */
import type { JsonObject } from '../../../codec/json.ts';
import { failure, refuse } from '../../../fault.ts';
import { field } from '../../../framework/field.ts';
import type { Answer } from '../../../framework/reply.ts';
import { listing, reply } from '../../../framework/reply.ts';
import type { IdentityCall } from '../fields.ts';
import { identityPaths } from '../fields.ts';
import type { MfaMethod, MfaSettings, MfaType } from './model.ts';
import { duoFields, duoSettings, oktaFields, oktaSettings, pingIdFields, pingIdSettings } from './services.ts';
import { totpFields, totpSettings } from './totp-settings.ts';

/** An id in the path, or none. */
const ID = '(/:method_id{[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}})?';

function show(method: MfaMethod, namespace_path: string): JsonObject {
  const { id, name, settings, usernameFormat } = method;
  const common: JsonObject = { type: settings.type, id, name, namespace_id: method.namespaceId, namespace_path };
  switch (settings.type) {
    case 'totp':
      return {
        ...common,
        issuer: settings.issuer,
        period: settings.period,
        digits: settings.digits,
        skew: settings.skew,
        key_size: settings.keySize,
        qr_size: settings.qrSize,
        algorithm: settings.algorithm,
        max_validation_attempts: settings.maxAttempts,
      };
    case 'duo':
      return {
        ...common,
        mount_accessor: '',
        username_format: usernameFormat,
        api_hostname: settings.apiHostname,
        pushinfo: settings.pushInfo,
        use_passcode: settings.usePasscode,
      };
    case 'okta':
      return {
        ...common,
        mount_accessor: '',
        username_format: usernameFormat,
        org_name: settings.orgName,
        ...(settings.baseUrl === '' ? { production: settings.production } : { base_url: settings.baseUrl }),
      };
    case 'pingid':
      return {
        ...common,
        use_signature: settings.useSignature,
        idp_url: settings.idpUrl,
        org_alias: settings.orgAlias,
        admin_url: settings.adminUrl,
        authenticator_url: settings.authenticatorUrl,
      };
  }
}

const missingId = () => refuse('missing method ID');

const ELSEWHERE = 'request namespace does not match method namespace';

interface Written {
  readonly methodId: string;
  readonly name: string;
  readonly usernameFormat: string | undefined;
  /** Throws a refusal where something is missing. */
  readonly settings: () => MfaSettings;
}

/** A name that is known means the method that has it. Without id in the path the answer is the id. */
async function write(sent: Written, call: IdentityCall): Promise<Answer> {
  const { mfa, directory } = call.context;
  return directory.exclusive(async () => {
    await mfa.ready();
    const namesake = sent.name === '' ? undefined : mfa.methods().find((one) => one.name === sent.name);
    const old = sent.methodId === '' ? namesake : mfa.method(sent.methodId);
    if (sent.methodId !== '' && old === undefined) {
      if ((await mfa.find(sent.methodId)) !== undefined) throw refuse(ELSEWHERE);
      // An id that nobody has is passed over in silence, as upstream does.
      return undefined;
    }
    if (namesake !== undefined && namesake !== old)
      throw failure(`a login MFA method configuration with the method name ${sent.name} already exists`);
    const settings = sent.settings();
    const id = old?.id ?? mfa.uuid();
    await mfa.putMethod({
      id,
      name: sent.name || (old?.name ?? ''),
      usernameFormat: sent.usernameFormat ?? old?.usernameFormat ?? '',
      namespaceId: call.request.namespace.id,
      settings,
    });
    return sent.methodId === '' ? { method_id: id } : undefined;
  });
}

const read =
  (type: MfaType | undefined) =>
  async ({ method_id: id }: { readonly method_id: string }, { context: { mfa } }: IdentityCall): Promise<Answer> => {
    if (id === '') throw missingId();
    const found = await mfa.find(id);
    if (found === undefined) return undefined;
    const { method, namespacePath } = found;
    if (!mfa.namespacePath.startsWith(namespacePath) && !namespacePath.startsWith(mfa.namespacePath)) {
      throw refuse(ELSEWHERE, 403);
    }
    if (type !== undefined && method.settings.type !== type) {
      throw refuse(`failed to find the method ID under MFA type ${type}.`);
    }
    return show(method, namespacePath);
  };

const remove =
  (type: MfaType) =>
  async ({ method_id: id }: { readonly method_id: string }, { context }: IdentityCall): Promise<void> => {
    if (id === '') throw missingId();
    const { mfa, directory } = context;
    await directory.exclusive(async () => {
      await mfa.ready();
      const user = await mfa.enforcing(id);
      if (user !== undefined) {
        throw failure(`methodID is still used by an enforcement configuration with ID: ${user.id}`);
      }
      const method = mfa.method(id);
      if (method === undefined) {
        if ((await mfa.find(id)) !== undefined) throw failure(ELSEWHERE);
        return;
      }
      if (method.settings.type !== type) throw failure('method type does not match the MFA config type');
      await mfa.deleteMethod(id);
    });
  };

const list =
  (type: MfaType | undefined) =>
  async (_: object, { context: { mfa } }: IdentityCall): Promise<Answer> => {
    const all = await mfa.usable();
    const methods = all.filter(({ method }) => type === undefined || method.settings.type === type);
    const info = Object.fromEntries(
      methods.map(({ method, namespacePath }) => [method.id, show(method, namespacePath)]),
    );
    return reply(
      listing(
        methods.map(({ method }) => method.id),
        info,
      ),
    );
  };

const method_id = field.string('ID of the method.', { required: true });
const method_name = field.string('Name of the method.', { always: true });
const username_format = field.string('How the name at the service comes from the entity.');

interface Named {
  readonly method_name: string;
  readonly username_format?: string | undefined;
}

/** Listing those of a type: with a slash at the end, there is nothing else. */
const listOf = (type: MfaType, tag: string) => ({
  list: { about: 'List the methods of this type.', id: { suffix: `${tag}-methods` }, run: list(type) },
});

/** Without an id in the path, writing makes a method, whose id is answered. */
const operationsOf = <S>(type: MfaType, tag: string, settingsOf: (sent: S) => MfaSettings) => ({
  read: { about: 'Read the method.', id: { suffix: `${tag}-method-configuration` }, run: read(type) },
  update: {
    about: 'Change the method.',
    forward: true,
    id: { verb: 'configure', suffix: `${tag}-method` },
    run: (sent: S & Named & { readonly method_id: string }, call: IdentityCall) =>
      write({ ...named(sent), methodId: sent.method_id, settings: () => settingsOf(sent) }, call),
  },
  delete: { about: 'Delete the method.', forward: true, id: { suffix: `${tag}-method` }, run: remove(type) },
});

const named = (sent: Named) => ({ name: sent.method_name, usernameFormat: sent.username_format });

const MFA = { id: { prefix: 'mfa' } };
const common = { method_id, method_name };
const totp = { ...common, ...totpFields };
const duo = { ...common, username_format, ...duoFields };
const okta = { ...common, username_format, ...oktaFields };
const pingId = { ...common, username_format, ...pingIdFields };

export const methodPaths = identityPaths()
  .path(
    `mfa/method${ID}`,
    'A method of whatever type.',
    { method_id },
    { read: { about: 'Read a method.', run: read(undefined) } },
    { id: { prefix: 'mfa', suffix: 'method-configuration' } },
  )
  .path(
    'mfa/method/?',
    'The IDs of all methods.',
    {},
    { list: { about: 'List all methods.', run: list(undefined) } },
    { id: { prefix: 'mfa', suffix: 'methods' } },
  )
  .path(
    `mfa/method/totp${ID}`,
    'A method with one-time passwords.',
    totp,
    operationsOf('totp', 'totp', totpSettings),
    MFA,
  )
  .path('mfa/method/totp/?', 'Methods with one-time passwords.', {}, listOf('totp', 'totp'), MFA)
  .path(`mfa/method/duo${ID}`, 'A method with Duo.', duo, operationsOf('duo', 'duo', duoSettings), MFA)
  .path('mfa/method/duo/?', 'Methods with Duo.', {}, listOf('duo', 'duo'), MFA)
  .path(`mfa/method/okta${ID}`, 'A method with Okta.', okta, operationsOf('okta', 'okta', oktaSettings), MFA)
  .path('mfa/method/okta/?', 'Methods with Okta.', {}, listOf('okta', 'okta'), MFA)
  .path(
    `mfa/method/pingid${ID}`,
    'A method with PingID.',
    pingId,
    operationsOf('pingid', 'ping-id', pingIdSettings),
    MFA,
  )
  .path('mfa/method/pingid/?', 'Methods with PingID.', {}, listOf('pingid', 'ping-id'), MFA);
