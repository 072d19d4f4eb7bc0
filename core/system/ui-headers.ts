/** sys/config/ui/headers: headers that the user interface is served with. Stored as one object. */
import { canonicalHeader } from '../framework/coerce-header.ts';
import type { JsonObject } from '../codec/json.ts';
import { parseObject, print } from '../codec/json.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import { refuse } from '../fault.ts';
import { field } from '../framework/field.ts';
import { reply } from '../framework/reply.ts';
import type { Storage } from '../storage/storage.ts';
import { systemPaths } from './context.ts';

const key = 'sys/uiconfig';
const insecure = 'overriding default Content-Security-Policy which is secure by default, proceed with caution';

type Headers = Record<string, string[]>;

async function load(barrier: Storage): Promise<Headers> {
  const stored = await barrier.get(key);
  const headers: Headers = {};
  const fields = stored === undefined ? {} : parseObject(stored)['headers'];
  if (typeof fields !== 'object' || fields === null) return headers;
  for (const [name, values] of Object.entries(fields as JsonObject)) {
    if (Array.isArray(values)) headers[name] = values.filter((value): value is string => typeof value === 'string');
  }
  return headers;
}

const save = (barrier: Storage, headers: Headers): Promise<void> =>
  barrier.put(key, encodeUtf8(`${print(new Map([['headers', headers]]))}\n`));

export const uiHeaderPaths = systemPaths()
  .path(
    'config/ui/headers/:header',
    'A header of the user interface.',
    {
      header: field.string('The header.', { required: true }),
      values: field.strings('Its values.', { always: true }),
      multivalue: field.bool('Whether all values are shown.', { always: true }),
    },
    {
      read: {
        about: 'Its values.',
        run: async ({ header, multivalue }, { context }) => {
          const values = (await load(context.node.barrier))[canonicalHeader(header)];
          if (values === undefined) return undefined;
          return multivalue ? { values } : { value: values[0] ?? '' };
        },
      },
      update: {
        about: 'Set it.',
        run: async ({ header, values }, { context }) => {
          if (values.length === 0) throw refuse('header and values must be specified');
          const name = canonicalHeader(header);
          if (name.startsWith('X-Vault-')) throw refuse('X-Vault headers cannot be set');
          const { barrier } = context.node;
          await save(barrier, { ...(await load(barrier)), [name]: values });
          return reply(name === 'Content-Security-Policy' ? { warnings: [insecure] } : {});
        },
      },
      delete: {
        about: 'Remove it.',
        run: async ({ header }, { context }) => {
          const { barrier } = context.node;
          const headers = await load(barrier);
          delete headers[canonicalHeader(header)];
          if (Object.keys(headers).length > 0) await save(barrier, headers);
          else await barrier.delete(key);
        },
      },
    },
  )
  .path(
    'config/ui/headers/?',
    'The headers of the user interface.',
    {},
    {
      list: { about: 'Names.', run: async (_, { context }) => Object.keys(await load(context.node.barrier)).sort() },
    },
  );
