/** What MFA services beside one-time passwords are set up with: Duo, Okta, PingID. Their servers are never called. */
import { noBytes } from '../../../codec/bytes.ts';
import { Base64Error, decodeBase64 } from '../../../codec/base64.ts';
import { parseBool } from '../../../codec/go-bool.ts';
import { quoteUtf8 } from '../../../codec/go-quote.ts';
import { urlFault } from '../../../codec/go-url-fault.ts';
import { decodeUtf8, decodeUtf8Strict } from '../../../codec/utf8.ts';
import { failure, refuse } from '../../../fault.ts';
import { field } from '../../../framework/field.ts';
import type { MfaSettings } from './model.ts';

const text = (about: string) => field.string(about, { always: true });

/** Throws a refusal where it is empty. */
function required(value: string, refusal: string): string {
  if (value === '') throw refuse(refusal);
  return value;
}

export const duoFields = {
  secret_key: text('Secret key of the application at Duo.'),
  integration_key: text('Integration key of the application at Duo.'),
  api_hostname: text("Duo's host for the application."),
  push_info: text('What a push shows beside.'),
  use_passcode: field.bool('Whether a passcode is asked for.', { always: true }),
};

export const duoSettings = (sent: {
  readonly secret_key: string;
  readonly integration_key: string;
  readonly api_hostname: string;
  readonly push_info: string;
  readonly use_passcode: boolean;
}): MfaSettings => ({
  type: 'duo',
  secretKey: required(sent.secret_key, 'secret_key is empty'),
  integrationKey: required(sent.integration_key, 'integration_key is empty'),
  apiHostname: required(sent.api_hostname, 'api_hostname is empty'),
  pushInfo: sent.push_info,
  usePasscode: sent.use_passcode,
});

export const oktaFields = {
  org_name: text('Name of the organisation at Okta.'),
  api_token: text('API token of Okta.'),
  base_url: text("Okta's domain; chosen by `production` unless given."),
  primary_email: field.bool('Whether the name is the primary email address.', { always: true }),
  production: field.bool('Whether it is not the preview of Okta.'),
};

export const oktaSettings = (sent: {
  readonly org_name: string;
  readonly api_token: string;
  readonly base_url: string;
  readonly primary_email: boolean;
  readonly production: boolean | undefined;
}): MfaSettings => {
  const orgName = required(sent.org_name, 'org_name must be set');
  const apiToken = required(sent.api_token, 'api_token must be set');
  // Whoever says whether it is production leaves the domain to that.
  const baseUrl = sent.base_url || (sent.production === undefined ? 'okta.com' : '');
  // With a comma between the two: upstream's own slip.
  const fault = urlFault(`https://${orgName},${baseUrl}`);
  if (fault !== undefined) throw refuse(`error parsing given base_url: ${fault}`);
  return {
    type: 'okta',
    orgName,
    apiToken,
    baseUrl,
    production: sent.production ?? false,
    primaryEmail: sent.primary_email,
  };
};

export const pingIdFields = { settings_file_base64: text('The settings file of PingID in base64.') };

export function pingIdSettings(sent: { readonly settings_file_base64: string }): MfaSettings {
  const base64 = required(sent.settings_file_base64, 'settings_file_base64 is empty');
  let file: Uint8Array;
  try {
    file = decodeBase64(base64);
  } catch (error) {
    throw error instanceof Base64Error ? refuse(error.message) : error;
  }
  const found = pingIdLines(file);
  const useSignature = truth(decodeUtf8(found.get('use_signature') ?? noBytes));
  const value = (key: string): string => {
    const text = decodeUtf8Strict(found.get(key) ?? noBytes);
    if (text === undefined) throw failure('string field contains invalid UTF-8');
    return text;
  };
  return {
    type: 'pingid',
    useBase64Key: value('use_base64_key'),
    useSignature,
    token: value('token'),
    idpUrl: value('idp_url'),
    orgAlias: value('org_alias'),
    adminUrl: value('admin_url'),
    authenticatorUrl: value('authenticator_url'),
  };
}

const PING_ID_KEYS: ReadonlySet<string> = new Set([
  'use_base64_key',
  'use_signature',
  'token',
  'idp_url',
  'org_alias',
  'admin_url',
  'authenticator_url',
]);

const [NEWLINE, EQUALS] = [0x0a, 0x3d];

function* linesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length;) {
    const found = bytes.indexOf(NEWLINE, from);
    const end = found < 0 ? bytes.length : found;
    yield bytes.subarray(from, end);
    from = end + 1;
  }
}

/** Lines 'key=value'; nothing is trimmed, and the last of several counts. */
function pingIdLines(file: Uint8Array): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const line of linesOf(file)) {
    const text = decodeUtf8(line);
    if (text.startsWith('#') || text.trim() === '') continue;
    const at = line.indexOf(EQUALS);
    if (at < 0) {
      const what = 'a non-empty non-comment line that is not in key=value format';
      throw refuse(`pingid settings file contains ${what}: ${quoteUtf8(line)}`);
    }
    const [key, value] = [line.subarray(0, at), line.subarray(at + 1)];
    if (!PING_ID_KEYS.has(decodeUtf8(key))) throw refuse(`unknown key ${quoteUtf8(key)} in pingid settings file`);
    found.set(decodeUtf8(key), value);
  }
  return found;
}

function truth(text: string): boolean {
  if (text === '') return false;
  try {
    return parseBool(text);
  } catch {
    throw refuse('error parsing use_signature value in pingid settings file');
  }
}
