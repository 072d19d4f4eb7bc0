/** Certificates that were issued, by serial number. */
import { parseCertificate, type Certificate } from '../../crypto/x509/certificate.ts';
import type { Reader, Writer } from '../../storage/storage.ts';
import { serialText, storedSerial } from './show.ts';

const PREFIX = 'certs/';

export const keepCertificate = (storage: Writer, { serial, bytes }: Certificate): Promise<void> =>
  storage.put(PREFIX + storedSerial(serialText(serial)), bytes);

/** DER. `serial` with colons or hyphens between, in either case. */
export const certificateBytes = (storage: Reader, serial: string): Promise<Uint8Array | undefined> =>
  storage.get(PREFIX + storedSerial(serial));

export async function certificateBySerial(storage: Reader, serial: string): Promise<Certificate | undefined> {
  const bytes = await certificateBytes(storage, serial);
  return bytes === undefined ? undefined : parseCertificate(bytes);
}

/** As clients write them. */
export async function serialsOf(storage: Reader, page: { after: string; limit: number }): Promise<string[]> {
  const names = await storage.list(PREFIX, { ...page, after: storedSerial(page.after) });
  return names.map(shownSerial);
}

export const shownSerial = (name: string): string => name.replaceAll('-', ':');

export const dropCertificate = (storage: Writer, name: string): Promise<void> => storage.delete(PREFIX + name);

export const storedSerials = (storage: Reader, page?: { after: string; limit: number }): Promise<string[]> =>
  storage.list(PREFIX, page);
