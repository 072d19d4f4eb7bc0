import { expect, it } from 'vitest';
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import { signAws } from '../../crypto/aws-sigv4.ts';
import { NetworkError, type OutgoingRequest, type OutgoingResponse, type Runtime } from '../../runtime.ts';
import { testRuntime } from '../../storage/barrier/barrier.fixture.ts';
import { parseBlob, serialiseBlob } from './blob.ts';
import { configuredSeals } from './configured.ts';

const block = { region: 'us-east-1', kms_key_id: 'alias/bao-unseal' };
const variables: Record<string, string> = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' };
const ARN = 'arn:aws:kms:us-east-1:1:key/k1';

/** AWS KMS as far as a seal asks it; refuses what is not signed with the secret that it knows. */
class Kms {
  secret = 'secret';
  away = false;
  readonly runtime = testRuntime();
  readonly #key = this.runtime.crypto.aesGcm(new Uint8Array(32).fill(3));

  request(request: OutgoingRequest): Promise<OutgoingResponse> {
    const { url, headers, body } = request;
    if (this.away)
      return Promise.reject(new NetworkError('refused', 'dial tcp 1.2.3.4:443: connect: connection refused'));
    expect(url).toBe('https://kms.us-east-1.amazonaws.com/');
    const own = { 'Content-Type': headers['Content-Type']!, 'X-Amz-Target': headers['X-Amz-Target']! };
    const credentials = { accessKey: 'AKID', secretKey: this.secret, sessionToken: '' };
    const scope = { region: 'us-east-1', service: 'kms' };
    const signed = signAws(
      { method: 'POST', url, headers: own, body: body! },
      credentials,
      scope,
      this.runtime.now,
      this.runtime.crypto,
    );
    if (headers['Authorization'] !== signed['Authorization']) {
      return answer(400, {
        __type: 'InvalidSignatureException',
        message: 'The request signature we calculated does not match',
      });
    }
    const asked = JSON.parse(decodeUtf8(body!)) as Record<string, string>;
    const nonce = new Uint8Array(12);
    switch (headers['X-Amz-Target']) {
      case 'TrentService.DescribeKey':
        return answer(200, { KeyMetadata: { KeyId: 'k1', Arn: ARN } });
      case 'TrentService.Encrypt':
        return answer(200, {
          KeyId: ARN,
          CiphertextBlob: encodeBase64(this.#key.seal(nonce, decodeBase64(asked['Plaintext']!))),
        });
      default:
        return answer(200, {
          KeyId: ARN,
          Plaintext: encodeBase64(this.#key.open(nonce, decodeBase64(asked['CiphertextBlob']!))),
        });
    }
  }
}

const answer = (status: number, body: object): Promise<OutgoingResponse> =>
  Promise.resolve({ status, headers: new Map([['x-amzn-requestid', ['r1']]]), body: encodeUtf8(JSON.stringify(body)) });

async function sealOf(kms: Kms, settings: Record<string, string> = block) {
  const runtime = Object.create(kms.runtime, { web: { value: kms } }) as Runtime;
  const sources = { environment: (name: string) => variables[name], readFile: () => new Uint8Array() };
  return (await configuredSeals(runtime, [{ type: 'awskms', settings }], sources)).seal!;
}

it('takes the block of the operations page, and what it wraps comes back through storage', async () => {
  const seal = await sealOf(new Kms());
  const stored = serialiseBlob(await seal.encrypt(encodeUtf8('root key')));
  expect(parseBlob(stored)).toMatchObject({ keyId: ARN, envelope: { mechanism: 1 } });
  expect(decodeUtf8(await seal.decrypt(parseBlob(stored)))).toBe('root key');
});

it('says what it lacks, and what AWS says when AWS refuses or is away', async () => {
  await expect(sealOf(new Kms(), { region: 'us-east-1' })).rejects.toThrow(
    'key id not found in env or config for aws kms wrapper configuration',
  );
  const refusing = new Kms();
  refusing.secret = 'another';
  await expect(sealOf(refusing)).rejects.toThrow(
    'Error configuring seal "awskms": error fetching AWS KMS wrapping key information: InvalidSignatureException: The request signature we calculated does not match\n\tstatus code: 400, request id: r1',
  );
  const kms = new Kms();
  const seal = await sealOf(kms);
  kms.away = true;
  await expect(seal.encrypt(encodeUtf8('x'))).rejects.toThrow('connect: connection refused');
});
