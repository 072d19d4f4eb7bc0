import { describe, expect, it } from 'vitest';
import { noBytes } from '../codec/bytes.ts';
import { signAws } from './aws-sigv4.ts';
import { portableCrypto } from './portable.ts';

/** AWS's own test suite (aws-sig-v4-test-suite). */
const credentials = {
  accessKey: 'AKIDEXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: '',
};
const now = 1_440_938_160_000_000;

const signature = (method: string, path: string): string | undefined => {
  const request = { method, url: `https://example.amazonaws.com${path}`, headers: {}, body: noBytes };
  const scope = { region: 'us-east-1', service: 'service' };
  return signAws(request, credentials, scope, now, portableCrypto())['Authorization'];
};

describe('signature version 4', () => {
  it.each([
    ['get-vanilla', 'GET', '/', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['post-vanilla', 'POST', '/', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'get-vanilla-query-order-key-case',
      'GET',
      '/?Param2=value2&Param1=value1',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
  ])('is AWS’s for %s', (_, method, path, expected) => {
    expect(signature(method, path)).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=${expected}`,
    );
  });
});
