/** Clients that can do one thing only, to see what a listener agrees on. */
import { connect, type ConnectionOptions } from 'node:tls';

const only = (version: 'TLSv1' | 'TLSv1.2' | 'TLSv1.3', more: ConnectionOptions = {}): ConnectionOptions => ({
  minVersion: version,
  maxVersion: version,
  ciphers: 'ALL@SECLEVEL=0',
  ...more,
});
const suites = (...names: string[]): ConnectionOptions =>
  only('TLSv1.2', { ciphers: [...names, '@SECLEVEL=0'].join(':') });
const later = (...names: string[]): ConnectionOptions =>
  only('TLSv1.3', { ciphers: names.map((name) => `TLS_${name}`).join(':') });

/** For a listener whose key is ECDSA's, of P-256. */
export const CLIENTS: Readonly<Record<string, ConnectionOptions>> = {
  'TLS 1.0': only('TLSv1'),
  'TLS 1.2': only('TLSv1.2'),
  'TLS 1.3': only('TLSv1.3'),
  'a suite without AEAD': suites('ECDHE-ECDSA-AES128-SHA'),
  'a suite with SHA-256': suites('ECDHE-ECDSA-AES128-SHA256'),
  'a suite of another country': suites('ECDHE-ECDSA-ARIA128-GCM-SHA256'),
  'AES-256 before AES-128': suites('ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-GCM-SHA256'),
  'CBC before GCM': suites('ECDHE-ECDSA-AES256-SHA', 'ECDHE-ECDSA-AES256-GCM-SHA384'),
  'ChaCha before AES': suites('ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-ECDSA-AES256-GCM-SHA384'),
  'AES before ChaCha': suites('ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305'),
  'AES-256 first in 1.3': later('AES_256_GCM_SHA384', 'AES_128_GCM_SHA256'),
  'ChaCha first in 1.3': later('CHACHA20_POLY1305_SHA256', 'AES_128_GCM_SHA256'),
  'a curve that Go lacks': only('TLSv1.3', { ecdhCurve: 'X448' }),
  'a field that Go lacks': only('TLSv1.3', { ecdhCurve: 'ffdhe2048' }),
  'P-384 before X25519': only('TLSv1.3', { ecdhCurve: 'P-384:X25519' }),
  'a hybrid behind a curve': only('TLSv1.3', { ecdhCurve: 'P-384:SecP384r1MLKEM1024:X25519' }),
  'hybrids in the other order': only('TLSv1.3', { ecdhCurve: 'SecP256r1MLKEM768:X25519MLKEM768' }),
  'SHA-224': only('TLSv1.2', { sigalgs: 'ECDSA+SHA224' }),
  'SHA-1': only('TLSv1.2', { sigalgs: 'ecdsa_sha1' }),
  'SHA-384': only('TLSv1.2', { sigalgs: 'ecdsa_secp384r1_sha384' }),
};

/** Suite, group, what is spoken, and the goodbye of a listener that does not like it; or that there was no agreement. */
export function agreed(port: number, options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    const hello = { host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['h2'], ...options };
    const socket = connect(hello, () => {
      const { name = '' } = socket.getEphemeralKeyInfo() as { name?: string };
      const words = [socket.getProtocol(), socket.getCipher().standardName, name, socket.alpnProtocol];
      let bytes = Buffer.alloc(0);
      socket.on('data', (more: Buffer) => {
        bytes = Buffer.concat([bytes, more]);
        if (bytes.length < 9 || bytes.length < 9 + bytes.readUIntBE(0, 3)) return;
        // Settings, or a goodbye with its reason.
        const said = bytes[3] === 7 ? bytes.toString('latin1', 17) : '';
        resolve([...words, said].filter((word) => word !== '').join(' '));
        socket.destroy();
      });
    });
    socket.on('error', () => resolve('no agreement'));
  });
}
