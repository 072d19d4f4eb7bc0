/** `server -recovery` on this machine: the configured storage, seals and listeners around a node in recovery mode. */
import { RecoveryNode } from '../core/server/recovery.ts';
import { timedListeners } from '../core/server/configuration/listener.ts';
import { AcmeChallenges } from './acme/challenges.ts';
import { parseConfiguration } from '../core/server/configuration/configuration.ts';
import { sanitizedText } from '../core/server/reconfiguration.ts';
import { sanitized } from './sanitized.ts';
import { listenWith, type OpenListener } from './listening.ts';
import { closeFoundation, coreConfig, foundation } from './server.ts';
import type { RunningServer, ServerOptions } from './server.ts';

/** As `startServer`, with as little of a server as recovery mode has. */
export async function startRecovery(
  options: ServerOptions,
): Promise<Pick<RunningServer, 'listeners' | 'reload' | 'stop'>> {
  const { configuration, failed, log } = options;
  const founded = await foundation(options);
  const { runtime, storage, seals } = founded;
  options.founded?.();
  const empty = sanitized(parseConfiguration('', '').configuration, false);
  const { listeners: _, seals: __, storage: ___, ...bare } = empty;
  log.write('debug', 'core', 'set config', { 'sanitized config': sanitizedText(bare) });
  log.write('debug', 'storage.cache', 'creating LRU cache', { size: 0 });
  const node = new RecoveryNode(runtime, coreConfig(options, storage, seals));
  const listeners: OpenListener[] = [];
  const challenges = new AcmeChallenges(log);
  const close = async (): Promise<void> => {
    await Promise.all(listeners.map((listener) => listener.close()));
  };
  try {
    for (const listener of timedListeners(configuration)) {
      listeners.push(await listenWith(node.http, listener, log, { failed, challenges }));
    }
    options.opened?.(listeners, storage.physical);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    listeners,
    reload: async () => {
      for (const listener of listeners) await listener.reload();
    },
    stop: async () => {
      await close();
      log.write('debug', 'core', 'shutdown called');
      await closeFoundation(founded);
    },
  };
}
