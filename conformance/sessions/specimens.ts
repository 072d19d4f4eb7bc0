/** Texts that sessions send: made once, with a key that was thrown away, and good until the next century. */

/** A certificate request of an EC P-256 key: a.example.com, with three other names. */
export const REQUEST = `-----BEGIN CERTIFICATE REQUEST-----
MIIBIjCByAIBADAmMRYwFAYDVQQDDA1hLmV4YW1wbGUuY29tMQwwCgYDVQQKDANP
cmcwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQYy+mKAkxtMk6fy9hDWUJ67yqi
5pCWadldEk9QqvDRocn1oFmfh6XwumziWZHjzuewtKFF8Gh5F4iui9Le1gbPoEAw
PgYJKoZIhvcNAQkOMTEwLzAtBgNVHREEJjAkgg1iLmV4YW1wbGUuY29thwQBAgME
gQ14QGV4YW1wbGUuY29tMAoGCCqGSM49BAMCA0kAMEYCIQDDTC3qgnwxDPMn1HNj
dWrM5cbz5jcLgpYCihkfQaxIYAIhAOUpx998nzXyVaIj+F8PwIQZ9mNWurAY1vcR
lg+v5gMw
-----END CERTIFICATE REQUEST-----
`;

/** A certificate that signs itself, of the same key. */
export const AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBjDCCATKgAwIBAgIURD+v9eH3o4tYRiBy7lXSfyFhtzcwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJRWxzZXdoZXJlMCAXDTI2MTEyODA3MzIxNFoYDzIwODEwODMx
MDczMjE0WjAUMRIwEAYDVQQDDAlFbHNld2hlcmUwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQYy+mKAkxtMk6fy9hDWUJ67yqi5pCWadldEk9QqvDRocn1oFmfh6Xw
umziWZHjzuewtKFF8Gh5F4iui9Le1gbPo2AwXjAdBgNVHQ4EFgQU8Hgbmzvym6RZ
cww/ZU1xBSFhsc8wHwYDVR0jBBgwFoAU8Hgbmzvym6RZcww/ZU1xBSFhsc8wDwYD
VR0TAQH/BAUwAwEB/zALBgNVHQ8EBAMCAQYwCgYIKoZIzj0EAwIDSAAwRQIgFq8p
RgzD/dsjFs6xoc5UWwbYhC7fECH4AapRU+ekAAgCIQCUSfM5iP75udo5C4U+Ekgk
pxQqEMNivBGhtqkQ9Q0Dow==
-----END CERTIFICATE-----
`;

/** The key itself. */
export const PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEGMvpigJMbTJOn8vYQ1lCeu8qouaQ
lmnZXRJPUKrw0aHJ9aBZn4el8Lps4lmR487nsLShRfBoeReIrovS3tYGzw==
-----END PUBLIC KEY-----
`;

export const SSH_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOdJ5NZo079VXGmc9sALgyfsCGBWy3y7hJBRHnwe5LrS me';

/** Signed by it, issuer https://issuer.example.com: `good` for ann (audience steamer), `bob` for bob (audience other), one that has ended, one of another issuer. */
export const TOKENS = {
  good: 'eyJhbGciOiJFUzI1NiIsImtpZCI6ImsiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlLmNvbSIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjo0MTAyNDQ0ODAwLCJzdWIiOiJhbm4iLCJhdWQiOiJzdGVhbWVyIiwiZ3JvdXBzIjpbInJlZCIsImJsdWUiXSwibiI6eyJhIjoieCJ9fQ.8YLwikzl3z7Ls5tdvEh_6yg475_Nga-4U-RyBj__Su8hiYemFxYbrErDlLKR447zOmYUiBP836A4U_qyA2iY4g',
  bob: 'eyJhbGciOiJFUzI1NiIsImtpZCI6ImsiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlLmNvbSIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjo0MTAyNDQ0ODAwLCJzdWIiOiJib2IiLCJhdWQiOlsib3RoZXIiXSwiZ3JvdXBzIjoicmVkIn0.0i15tfRbMaop11eEMYoRt9WI4e_Wj1ljdpKtDiQ-9Iid43z7hagNWsP7L9EsBo8LZyo5iKB06aiDElRtgErbkA',
  expired:
    'eyJhbGciOiJFUzI1NiIsImtpZCI6ImsiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlLmNvbSIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAzNjAwLCJzdWIiOiJhbm4iLCJhdWQiOiJzdGVhbWVyIn0.w4PCTmyYXD6FgexDXIjdnt0_0KJdLyCPdE5JTR4kYW6RO0QO_fWH84GxFnn1cdL-n3kvsnY65y5aMQ_fEUXVXw',
  wrong:
    'eyJhbGciOiJFUzI1NiIsImtpZCI6ImsiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL25vIiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjQxMDI0NDQ4MDAsInN1YiI6ImFubiIsImF1ZCI6InN0ZWFtZXIifQ.9rCyxJtYcrhpZ3LsIbgeuByw7LqN8l9-mCDPNWH9yPqdja4SF6RkbGya4u3_r2KDjo97y0jXMQG-Z365s2J5Cg',
} as const;
