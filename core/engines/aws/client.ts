/** AWS's query APIs, IAM (2010-05-08) and STS (2011-06-15): signed forms there, XML back. */
import { escapeStrictly } from '../../codec/go-url.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { parseXml, xmlAt, type XmlElement, XmlError } from '../../codec/xml.ts';
import { type AwsCredentials, signAws } from '../../crypto/aws-sigv4.ts';
import { askWeb, WebError } from '../../framework/web-call.ts';
import { MILLISECOND, type OutgoingResponse, type Runtime, SECOND } from '../../runtime.ts';
import type { RootConfig } from './config.ts';

/** AWS answered and refuses, or did not answer. `message` is what its library for Go prints. */
export class AwsError extends Error {
  /** 'NoSuchEntity', 'AccessDenied' …; 'RequestError' without an answer. */
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
  }
}

export type AwsService = 'iam' | 'sts';

/** The result element of an answer. Rejects with AwsError. */
export type AwsAsk = (
  service: AwsService,
  action: string,
  parameters?: Readonly<Record<string, string>>,
) => Promise<XmlElement | undefined>;

const VERSIONS: Readonly<Record<AwsService, string>> = { iam: '2010-05-08', sts: '2011-06-15' };
const TIMEOUT = 30 * SECOND;
const USUAL_RETRIES = 3;
/** Before the first repetition; twice as long before each one after it. */
const PAUSE = 100 * MILLISECOND;
const PASSING = new Set(['Throttling', 'ThrottlingException', 'RequestLimitExceeded', 'RequestError']);

/** Throws AwsError without a key pair: where else one could be from is not looked at. */
export function awsClient(runtime: Runtime, config: RootConfig): AwsAsk {
  const { accessKey, secretKey, maxRetries } = config;
  if (accessKey === '' || secretKey === '') {
    throw new AwsError('NoCredentialProviders', 'NoCredentialProviders: no valid providers in chain');
  }
  const credentials: AwsCredentials = { accessKey, secretKey, sessionToken: '' };
  const retries = maxRetries < 0 ? USUAL_RETRIES : maxRetries;
  return async (service, action, parameters = {}) => {
    const form = { Action: action, Version: VERSIONS[service], ...parameters };
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await exchange(runtime, config, credentials, service, form);
        return xmlAt(answer, `${action}Result`);
      } catch (error) {
        if (!(error instanceof AwsError) || attempt >= retries || !PASSING.has(error.code)) throw error;
        await runtime.clock.sleep(PAUSE * 2 ** attempt);
      }
    }
  };
}

/** Where a service is, and the region that requests to it are signed for. */
function placeOf({ region, stsRegion, iamEndpoint, stsEndpoint }: RootConfig, service: AwsService) {
  const own = service === 'iam' ? iamEndpoint : stsEndpoint;
  const signed = (service === 'sts' && stsRegion) || region || 'us-east-1';
  const url = `${own === '' ? `https://${service}.amazonaws.com` : own.replace(/\/$/, '')}/`;
  // Only at an endpoint of its own a region counts: the usual ones are AWS's global ones.
  return { url, region: own === '' ? 'us-east-1' : signed };
}

async function exchange(
  { web, clock, crypto }: Runtime,
  config: RootConfig,
  credentials: AwsCredentials,
  service: AwsService,
  form: Readonly<Record<string, string>>,
): Promise<XmlElement> {
  const { url, region } = placeOf(config, service);
  const body = encodeUtf8(
    Object.entries(form)
      .map(([name, value]) => `${escapeStrictly(name)}=${escapeStrictly(value)}`)
      .join('&'),
  );
  const request = {
    method: 'POST',
    url,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body,
  };
  const headers = signAws(request, credentials, { region, service }, clock.wall(), crypto);
  let answer: OutgoingResponse;
  try {
    answer = await askWeb(web, { ...request, headers, timeout: TIMEOUT });
  } catch (error) {
    if (!(error instanceof WebError)) throw error;
    throw new AwsError('RequestError', `RequestError: send request failed\ncaused by: ${error.message}`);
  }
  const read = readXml(answer.body);
  if (answer.status === 200 && read !== undefined) return read;
  throw refusal(answer, read);
}

function readXml(body: Uint8Array): XmlElement | undefined {
  try {
    return parseXml(decodeUtf8(body));
  } catch (error) {
    if (error instanceof XmlError) return undefined;
    throw error;
  }
}

function refusal({ status, headers }: OutgoingResponse, read: XmlElement | undefined): AwsError {
  const id = xmlAt(read, 'RequestId')?.text ?? headers.get('x-amzn-requestid')?.[0] ?? '';
  const said = xmlAt(read, 'Error');
  // Something between us and AWS answered, or AWS is not well.
  if (said === undefined) {
    const code = status >= 500 ? 'RequestError' : 'SerializationError';
    return new AwsError(
      code,
      `${code}: failed to decode query XML error response\n\tstatus code: ${status}, request id: ${id}`,
    );
  }
  const code = xmlAt(said, 'Code')?.text ?? '';
  const message = xmlAt(said, 'Message')?.text ?? '';
  return new AwsError(
    status >= 500 ? 'RequestError' : code,
    `${code}: ${message}\n\tstatus code: ${status}, request id: ${id}`,
  );
}

/** Texts of the members of a list: each one's child of that name, or its own. */
export const members = (list: XmlElement | undefined, name?: string): string[] =>
  (list?.children ?? []).map((member) => (name === undefined ? member : xmlAt(member, name))?.text ?? '');

/** `Tags.member.1.Key=…`, as lists are sent. */
export function listOf(
  name: string,
  values: readonly (string | Readonly<Record<string, string>>)[],
): Record<string, string> {
  const pairs = values.flatMap((value, index) => {
    const one = `${name}.member.${index + 1}`;
    return typeof value === 'string'
      ? [[one, value]]
      : Object.entries(value).map(([key, text]) => [`${one}.${key}`, text]);
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}
