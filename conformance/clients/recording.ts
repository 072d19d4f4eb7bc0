/** What a client was told by the real server, and the exchanges themselves, so that they can be answered again. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BaoRecording } from '../../embed/msw.ts';
import { playHashiVaultJs } from './hashi-vault-js.ts';
import { playNodeVault } from './node-vault.ts';
import type { ClientScript, Told } from './told.ts';

export const CLIENTS: Readonly<Record<string, ClientScript>> = {
  'node-vault': playNodeVault,
  'hashi-vault-js': playHashiVaultJs,
};

interface ClientRecording {
  readonly told: readonly Told[];
  readonly exchanges: BaoRecording;
}

const folder = fileURLToPath(new URL('../recordings/2.7.2/clients/', import.meta.url));
const fileOf = (client: string): string => `${folder}${client}.json`;

/** Throws when there is none: RECORD=1 with the live tests makes it. */
export function loadClient(client: string): ClientRecording {
  if (!existsSync(fileOf(client))) throw new Error(`no recording of ${client}: RECORD=1 npm run test:live`);
  return JSON.parse(readFileSync(fileOf(client), 'utf8')) as ClientRecording;
}

export function saveClient(client: string, recording: ClientRecording): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(client), `${JSON.stringify(recording, undefined, 1)}\n`);
}
