/** `initialize` stanzas on this machine: variables of its environment and files of its disk may be asked for. */
import { readFileSync } from 'node:fs';
import type { FlowBlock } from '../core/server/profiles/document.ts';
import { ConfigurationError } from '../core/server/configuration/configuration.ts';
import type { Node } from '../core/server/node.ts';
import { withoutShares } from '../core/server/seal/init.ts';
import { codeOf, goTexts } from './errno.ts';

const LOOK = 20;

/** Nothing on a server that is initialised already. Rejects with ConfigurationError. */
export async function initialiseSelf(node: Node, blocks: readonly FlowBlock[]): Promise<void> {
  if (blocks.length === 0) return;
  if (!node.seals.seal.auto) {
    const reason = "self-initialization requires auto-unseal as there is no way to persist the Shamir's keys";
    throw new ConfigurationError(reason);
  }
  if (await node.initialised()) return;
  const { initializeSelf } = await import('../core/server/profiles/self-init.ts');
  try {
    await node.initialiseItself(withoutShares, async (rootToken) => {
      while (node.states.state !== 'active') await new Promise((resolve) => setTimeout(resolve, LOOK));
      node.runtime.log.write('info', '', 'beginning post-unseal configuration');
      await initializeSelf(node, blocks, rootToken, { environment, readFile });
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    node.runtime.log.write('error', '', 'failed to initialize', { error: reason });
    throw new ConfigurationError(reason);
  }
}

const environment = (name: string): string | undefined => process.env[name];

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = codeOf(error) ?? '';
    throw new Error(`open ${path}: ${goTexts[code] ?? code}`, { cause: error });
  }
}
