/** The encryption key: sys/key-status, sys/rotate and its configuration. */
import { formatDuration } from '../codec/duration.ts';
import type { JsonObject } from '../codec/json.ts';
import { failure } from '../fault.ts';
import { field } from '../framework/field.ts';
import { SECOND } from '../runtime.ts';
import { maximumOperations } from '../storage/barrier/keyring.ts';
import { changeRotationConfig, rotationConfig } from '../storage/barrier/rotation.ts';
import type { SystemNode } from './context.ts';
import { sealsOf, systemPaths } from './context.ts';

const configFields = {
  enabled: field.bool('Whether the key is rotated by itself.', { default: true, documented: null }),
  max_operations: field.int64('Encryptions after which the key is rotated.', {
    default: maximumOperations,
    documented: null,
  }),
  interval: field.seconds('Time after which the key is rotated; 0 for never.', { always: true }),
};

function readConfig(node: SystemNode) {
  const { disabled, maxOperations, interval } = rotationConfig(node.keys().barrier);
  const shown = interval === 0 ? 0 : formatDuration(interval);
  return { enabled: !disabled, max_operations: maxOperations, interval: shown };
}

interface ConfigInput {
  readonly enabled: boolean;
  readonly max_operations: number;
  readonly interval: number;
}

/** A null interval is none that was sent. */
const sentNames = (data: JsonObject): string[] =>
  Object.keys(data).filter((name) => name !== 'interval' || data[name] !== null);

async function writeConfig(node: SystemNode, given: ReadonlySet<string>, input: ConfigInput): Promise<void> {
  await changeRotationConfig(node.keys().barrier, {
    ...(given.has('enabled') ? { disabled: !input.enabled } : {}),
    ...(given.has('max_operations') ? { maxOperations: input.max_operations } : {}),
    ...(given.has('interval') ? { interval: input.interval * SECOND } : {}),
  });
}

export const keyPaths = systemPaths()
  .path(
    'key-status',
    'The encryption key in use.',
    {},
    {
      read: {
        about: 'Its term, age and use.',
        run: (_, { context }) => {
          const { barrier } = context.node.keys();
          const { term, installTime } = barrier.keyring.activeKey;
          return { term, install_time: installTime, encryptions: barrier.encryptions };
        },
      },
    },
  )
  .path('rotate/(keyring/)?config', 'When the encryption key is rotated.', configFields, {
    read: { about: 'The configuration.', run: (_, { context }) => readConfig(context.node) },
    update: {
      about: 'Change the configuration.',
      run: (input, { context, request }) => writeConfig(context.node, new Set(sentNames(request.data)), input),
    },
  })
  .path(
    'rotate(/keyring)?',
    'The encryption key.',
    {},
    {
      update: { about: 'Begin to encrypt with a new key.', run: (_, { context }) => context.node.keys().rotate() },
    },
  )
  .path(
    'rotate/root',
    'The root key.',
    {},
    {
      update: {
        about: 'Protect the keyring with a new root key.',
        forward: true,
        run: async (_, { context }) => {
          const seals = sealsOf(context.node);
          if (seals === undefined) throw failure('failed to rotate barrier root key: namespace is not sealable');
          await seals.rotateRoot();
        },
      },
    },
  );
