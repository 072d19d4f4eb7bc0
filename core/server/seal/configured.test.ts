import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../storage/barrier/barrier.fixture.ts';
import type { Runtime } from '../../runtime.ts';
import { configuredSeals, type SealStanza } from './configured.ts';

const key = '11'.repeat(32);

function configured(
  stanzas: readonly SealStanza[],
  variables: Record<string, string> = {},
  files: Record<string, Uint8Array> = {},
  runtime: Runtime = testRuntime(),
) {
  return configuredSeals(runtime, stanzas, {
    environment: (name) => variables[name],
    readFile(path) {
      const bytes = files[path];
      if (bytes === undefined) throw new Error(`open ${path}: no such file or directory`);
      return bytes;
    },
  });
}

const stanza = (settings: Record<string, string>, type = 'static'): SealStanza => ({ type, settings });

describe('the configured seal', () => {
  it('is Shamir without a stanza; a disabled one is the seal that is left', async () => {
    const none = { seal: undefined, old: undefined };
    expect(await configured([])).toEqual(none);
    expect(await configured([stanza({}, 'shamir')])).toEqual(none);
    const left = await configured([stanza({ current_key: key, current_key_id: 'a', disabled: 'true' })]);
    expect(left.seal).toBeUndefined();
    expect(left.old?.type).toBe('static');
  });

  it('takes each variable of the environment before its setting', async () => {
    const { seal } = await configured([stanza({ current_key: key, current_key_id: 'file' })], {
      BAO_STATIC_SEAL_CURRENT_KEY_ID: 'variable',
    });
    expect(await seal?.keyId()).toBe('variable');
    const alone = await configured([], {
      BAO_SEAL_TYPE: 'static',
      BAO_STATIC_SEAL_CURRENT_KEY: key,
      BAO_STATIC_SEAL_CURRENT_KEY_ID: 'v',
    });
    expect(alone.seal?.type).toBe('static');
  });

  it('reads the key from a file, byte for byte', async () => {
    const files = { '/key': new Uint8Array(32).fill(200), '/line': new Uint8Array(65).fill(0x31) };
    const read = (path: string, from = files) =>
      configured([stanza({ current_key: `file://${path}`, current_key_id: 'f' })], {}, from);
    expect((await read('/key')).seal?.type).toBe('static');
    await expect(read('/line')).rejects.toThrow(
      'Error configuring seal "static": unknown encoding for AES-256 key: must be either a raw, hex, or base64-encoded',
    );
    await expect(read('/no')).rejects.toThrow(
      'Error configuring seal "static": error reading file at file:///no: open /no: no such file or directory',
    );
  });

  it('refuses what is not built in', async () => {
    await expect(configured([stanza({}, 'zz')])).rejects.toThrow('Error configuring seal "zz": unknown wrapper: zz');
  });

  it('says what a transit seal lacks', async () => {
    const transit = (settings: Record<string, string>) => configured([stanza(settings, 'transit')]);
    await expect(transit({})).rejects.toThrow('Error configuring seal "transit": mount_path is required');
    await expect(transit({ mount_path: 'transit/' })).rejects.toThrow('key_name is required');
    const both = { mount_path: 'transit/', key_name: 'k' };
    await expect(transit({ ...both, disable_renewal: 'x' })).rejects.toThrow(
      'Error configuring seal "transit": strconv.ParseBool: parsing "x": invalid syntax',
    );
    await expect(transit({ ...both, address: '::bad' })).rejects.toThrow('parse "::bad": missing protocol scheme');
    await expect(transit({ ...both, tls_ca_cert: '/no' })).rejects.toThrow(
      'Error loading CA File: open /no: no such file or directory',
    );
  });
});
