/** What the flags of dev mode name on the disk: a folder of plugins, and a file that tells where the server is. */
import { readdir, writeFile } from 'node:fs/promises';
import type { Configuration } from '../../core/server/configuration/configuration.ts';
import { ConfigurationError } from '../../core/server/configuration/configuration.ts';
import type { DevKeys } from '../../core/server/dev.ts';
import { codeOf } from '../../host/errno.ts';
import { authorityFile } from './banner.ts';

/** Upstream enables each program in it; none is run here. Throws ConfigurationError. */
export async function noPrograms(folder: string): Promise<void> {
  if (folder === '') return;
  const names = await readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOTDIR') {
      throw new ConfigurationError(`Error listing plugins: readdirent ${folder}: not a directory`);
    }
    const reason = codeOf(error) === 'ENOENT' ? 'no such file or directory' : 'permission denied';
    throw new ConfigurationError(`Error reading plugin dir: open ${folder}: ${reason}`);
  });
  const [first] = names;
  if (first !== undefined) throw new ConfigurationError(`Error enabling plugin ${first}: programs are not run here`);
}

/** For programs that started the server. Throws ConfigurationError. */
export async function writeClusterFile(path: string, configuration: Configuration, keys: DevKeys): Promise<void> {
  const told = {
    nodes: [{ api_address: configuration.apiAddr }],
    ca_cert_path: authorityFile(configuration),
    root_token: keys.rootToken,
  };
  try {
    await writeFile(path, `${JSON.stringify(told)}\n`, { mode: 0o600 });
  } catch (error) {
    const reason = codeOf(error) === 'ENOENT' ? 'no such file or directory' : 'permission denied';
    throw new ConfigurationError(`Error writing cluster.json ${JSON.stringify(path)}: open ${path}: ${reason}`);
  }
}
