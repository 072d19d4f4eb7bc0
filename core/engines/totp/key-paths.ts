/** Keys: made here and shown once, or given by another service, as they are or in its URL. */
import { Base32Error, decodeBase32, encodeBase32 } from '../../codec/base32.ts';
import { goAtoi } from '../../codec/go-atoi.ts';
import { parseGoUrl } from '../../codec/go-url.ts';
import type { JsonObject } from '../../codec/json.ts';
import { qrPng } from '../../codec/qr-png.ts';
import { isOtpAlgorithm, otpSizeFault, otpUrl } from '../../crypto/otp.ts';
import { refuse } from '../../fault.ts';
import type { Call } from '../../framework/call.ts';
import { paths } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import { pageFields } from '../../framework/page-fields.ts';
import type { BackendContext } from '../../framework/logical.ts';
import type { Answer } from '../../framework/reply.ts';
import type { TotpKey } from './key.ts';
import type { TotpStorage } from './totp.ts';
import type { UsedCodes } from './used-codes.ts';

interface KeyInput {
  readonly name: string;
  readonly generate: boolean;
  readonly exported: boolean;
  readonly key_size: number;
  readonly key: string;
  readonly issuer: string;
  readonly account_name: string;
  readonly period: number;
  readonly algorithm: string;
  readonly digits: number;
  readonly skew: number;
  readonly qr_size: number;
  readonly url: string;
}

/** What the URL says wins over the other fields. */
function withUrl(input: KeyInput): KeyInput {
  if (input.url === '') return input;
  const parsed = parseGoUrl(input.url);
  if (parsed === undefined) throw refuse('an error occurred while parsing url string');
  const { path, query } = parsed;
  const label = path.startsWith('/') ? path.slice(1) : path;
  const colon = label.indexOf(':');
  const number = (name: string, otherwise: number): number => {
    const text = query.get(name) ?? '';
    if (text === '') return otherwise;
    const value = goAtoi(text);
    if (typeof value === 'string') throw refuse(`an error occurred while parsing ${name} value in url`);
    return value;
  };
  const text = (name: string): string | undefined => query.get(name) || undefined;
  return {
    ...input,
    key: query.get('secret') ?? '',
    issuer: text('issuer') ?? (colon < 0 ? input.issuer : label.slice(0, colon)),
    account_name: colon < 0 ? label : label.slice(colon + 1),
    period: number('period', input.period),
    digits: number('digits', input.digits),
    algorithm: text('algorithm') ?? input.algorithm,
  };
}

function checkedKey(input: KeyInput, secret: string): TotpKey {
  const { algorithm, digits, period, skew } = input;
  return {
    secret,
    issuer: input.issuer,
    account: input.account_name,
    rule: { algorithm: isOtpAlgorithm(algorithm) ? algorithm : 'SHA1', digits, period, skew },
  };
}

function checkRule({ algorithm, digits, period, skew, qr_size, key_size }: KeyInput): void {
  if (digits !== 6 && digits !== 8) throw refuse('the digits value can only be 6 or 8');
  if (!isOtpAlgorithm(algorithm)) throw refuse('the algorithm value is not valid');
  if (period <= 0) throw refuse('the period value must be greater than zero');
  if (skew !== 0 && skew !== 1) throw refuse('the skew value must be 0 or 1');
  // Also where nothing is generated.
  if (qr_size < 0) throw refuse('the qr_size value must be greater than or equal to zero');
  if (key_size <= 0) throw refuse('the key_size value must be greater than zero');
}

function checkSecret(secret: string): void {
  if (secret === '') throw refuse('the key value is required');
  try {
    decodeBase32(secret.toUpperCase());
  } catch (error) {
    throw error instanceof Base32Error ? refuse(`invalid key value: ${error.message}`) : error;
  }
}

type TotpCall = Call<UsedCodes, TotpStorage, BackendContext>;

async function create(sent: KeyInput, call: TotpCall): Promise<Answer> {
  if (sent.generate) checkGenerated(sent);
  const input = withUrl(sent);
  checkRule(input);
  if (!input.generate) {
    checkSecret(input.key);
    await call.store.keys.put(input.name, checkedKey(input, input.key));
    return undefined;
  }
  if (input.account_name === '') throw refuse('the account_name value is required for generated keys');
  if (input.issuer === '') throw refuse('the issuer value is required for generated keys');
  const fault = otpSizeFault(input.key_size, input.exported ? input.qr_size : 0);
  if (fault !== undefined) throw refuse(fault);
  const key = checkedKey(input, encodeBase32(call.random.bytes(input.key_size)));
  const shown = input.exported ? shownSecret(key, input.qr_size) : undefined;
  await call.store.keys.put(input.name, key);
  return shown;
}

function checkGenerated({ key, url }: KeyInput): void {
  if (key !== '') throw refuse('a key should not be passed if generate is true');
  if (url !== '') throw refuse('a url should not be passed if generate is true');
}

function shownSecret({ issuer, account, secret, rule }: TotpKey, size: number): JsonObject {
  const url = otpUrl(issuer, account, secret, rule);
  if (size === 0) return { url };
  return { url, barcode: qrPng(url, size) };
}

export const keyPaths = paths<UsedCodes, TotpStorage>()
  .path(
    'keys',
    'Names of the keys.',
    pageFields,
    {
      list: {
        about: 'List the keys.',
        run: ({ after, limit }, { store }) => store.keys.list({ after, limit }),
      },
    },
    { id: { prefix: 'totp', suffix: 'keys' } },
  )
  .path(
    'keys/:name@',
    'A named key.',
    {
      name: field.string('Name of the key.', { required: true }),
      generate: field.bool('Make a key here, instead of taking the one that is sent.', { default: false }),
      exported: field.bool('Show the URL and the QR code of a key that is made here.', { default: true }),
      key_size: field.int('Bytes of a key that is made here.', { default: 20 }),
      key: field.string('The key, in base32.', { always: true }),
      issuer: field.string('Who the key is of.', { always: true }),
      account_name: field.string('Whose account it is for.', { always: true }),
      period: field.seconds('How long a code is good.', { default: 30 }),
      algorithm: field.string('"SHA1", "SHA256" or "SHA512".', { default: 'SHA1' }),
      digits: field.int('6 or 8.', { default: 6 }),
      skew: field.int('How many periods before and after are accepted: 0 or 1.', { default: 1 }),
      qr_size: field.int('Width of the QR code in pixels; 0: none.', { default: 200 }),
      url: field.string('All of the key in one, as QR codes have it.', { always: true }),
    },
    {
      read: {
        about: 'Read a key without its secret.',
        run: async ({ name }, { store }) => {
          const key = await store.keys.get(name);
          if (key === undefined) return undefined;
          const { issuer, account, rule } = key;
          const { algorithm, digits, period } = rule;
          return { issuer, account_name: account, algorithm, digits, period };
        },
      },
      update: { about: 'Make or take a key.', id: { verb: 'create' }, run: create },
      delete: { about: 'Delete a key.', run: async ({ name }, { store }) => store.keys.delete(name) },
    },
    { id: { prefix: 'totp', suffix: 'key' } },
  );
