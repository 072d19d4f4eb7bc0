/** Tags, numbers and names of KMIP 1.4 (KMIP Specification, §9.1.3) as far as a seal needs them. */

export const tags = {
  attribute: 0x420008,
  attributeName: 0x42000a,
  attributeValue: 0x42000b,
  batchCount: 0x42000d,
  batchItem: 0x42000f,
  blockCipherMode: 0x420011,
  cryptographicAlgorithm: 0x420028,
  cryptographicParameters: 0x42002b,
  hashingAlgorithm: 0x420038,
  nonce: 0x42003d,
  linkType: 0x42004b,
  linkedObject: 0x42004c,
  operation: 0x42005c,
  paddingMethod: 0x42005f,
  protocolVersion: 0x420069,
  versionMajor: 0x42006a,
  versionMinor: 0x42006b,
  requestHeader: 0x420077,
  requestMessage: 0x420078,
  requestPayload: 0x420079,
  responseHeader: 0x42007a,
  responseMessage: 0x42007b,
  responsePayload: 0x42007c,
  resultMessage: 0x42007d,
  resultReason: 0x42007e,
  resultStatus: 0x42007f,
  timeStamp: 0x420092,
  uniqueIdentifier: 0x420094,
  data: 0x4200c2,
  ivLength: 0x4200cd,
  tagLength: 0x4200ce,
  authenticationTag: 0x4200ff,
  maskGenerator: 0x420101,
  maskGeneratorHash: 0x420102,
} as const;

export const operations = { getAttributes: 0x0b, discoverVersions: 0x1e, encrypt: 0x1f, decrypt: 0x20 } as const;

export const objectTypes = { symmetricKey: 2, publicKey: 3, privateKey: 4 } as const;
export const algorithms = { aes: 3, rsa: 4 } as const;
export const usage = { encrypt: 4, decrypt: 8 } as const;
export const PUBLIC_KEY_LINK = 0x102;
export const GCM = 9;
export const OAEP = 2;
export const MGF1 = 1;
export const hashes = { sha256: 6, sha384: 7, sha512: 8 } as const;
export const OPERATION_NOT_SUPPORTED = 5;

const statusNames = ['Success', 'OperationFailed', 'OperationPending', 'OperationUndone'];
const reasonNames = [
  '',
  'ItemNotFound',
  'ResponseTooLarge',
  'AuthenticationNotSuccessful',
  'InvalidMessage',
  'OperationNotSupported',
  'MissingData',
  'InvalidField',
  'FeatureNotSupported',
  'OperationCanceledByRequester',
  'CryptographicFailure',
  'IllegalOperation',
  'PermissionDenied',
  'ObjectArchived',
  'IndexOutOfBounds',
  'ApplicationNamespaceNotSupported',
  'KeyFormatTypeNotSupported',
  'KeyCompressionTypeNotSupported',
  'EncodingOptionError',
  'KeyValueNotPresent',
  'AttestationRequired',
  'AttestationFailed',
  'Sensitive',
  'NotExtractable',
  'ObjectAlreadyExists',
];
const objectTypeNames = [
  '',
  'Certificate',
  'SymmetricKey',
  'PublicKey',
  'PrivateKey',
  'SplitKey',
  'Template',
  'SecretData',
  'OpaqueObject',
  'PGPKey',
];
const algorithmNames = [
  '',
  'DES',
  'TDES',
  'AES',
  'RSA',
  'DSA',
  'ECDSA',
  'HMAC-SHA1',
  'HMAC-SHA224',
  'HMAC-SHA256',
  'HMAC-SHA384',
  'HMAC-SHA512',
  'HMAC-MD5',
  'DH',
  'ECDH',
  'ECMQV',
  'Blowfish',
  'Camellia',
  'CAST5',
  'IDEA',
  'MARS',
  'RC2',
  'RC4',
  'RC5',
  'SKIPJACK',
  'Twofish',
  'EC',
  'OneTimePad',
  'ChaCha20',
  'Poly1305',
  'ChaCha20Poly1305',
];

/** A number without a name is written as eight hexadecimal digits. */
const named = (names: readonly string[], value: number): string =>
  names[value] || `0x${value.toString(16).toUpperCase().padStart(8, '0')}`;

export const statusName = (status: number): string => named(statusNames, status);
export const reasonName = (reason: number): string =>
  reason === 0x100 ? 'GeneralFailure' : named(reasonNames, reason);
export const objectTypeName = (type: number): string => named(objectTypeNames, type);
export const algorithmName = (algorithm: number): string => named(algorithmNames, algorithm);
