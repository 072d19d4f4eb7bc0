/**
 * Declarative self-initialisation: what the `initialize` stanzas ask for is done once, as requests of the first root
 * token, by the node that initialised the cluster; nobody ever sees that token (facts §10).
 */
import { templateWorld } from '../../framework/template-world.ts';
import type { Request, Response } from '../../framework/logical.ts';
import type { Runtime } from '../../runtime.ts';
import { rootNamespace } from '../../framework/root-namespace.ts';
import type { FlowBlock } from './document.ts';
import { Profile } from './engine.ts';
import type { Sender } from './send.ts';
import { sendFrom } from './send.ts';
import type { Outside } from './sources.ts';

interface SelfNode {
  readonly runtime: Runtime;
  handle(request: Request): Promise<Response | undefined>;
}

/** Rejects with ProfileError when a request fails that may not; the root token is revoked either way. */
export async function initializeSelf(
  node: SelfNode,
  blocks: readonly FlowBlock[],
  rootToken: string,
  outside: Outside,
): Promise<void> {
  const sender: Sender = { namespace: rootNamespace, remote: { address: '127.0.0.1', port: 0 }, standby: false };
  const handle = (request: Request): Promise<Response | undefined> => node.handle(request);
  try {
    const profile = new Profile({
      document: { input: undefined, flows: blocks, output: undefined },
      outer: 'initialize',
      outside,
      input: {},
      reserved: [],
      token: rootToken,
      id: '',
      world: templateWorld(node.runtime),
      send: (asked) => sendFrom(sender, asked, handle),
    });
    await profile.run();
  } finally {
    const asked = { id: 'initialize', operation: 'update', path: 'auth/token/revoke-self', data: {} };
    await sendFrom(sender, { ...asked, clientToken: rootToken, headers: new Map() }, handle);
  }
}
