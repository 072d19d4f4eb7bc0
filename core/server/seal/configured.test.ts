import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../storage/barrier/barrier.fixture.ts';
import { configuredSeal, type SealStanza } from './configured.ts';

const key = '11'.repeat(32);

function configured(
  stanzas: readonly SealStanza[],
  variables: Record<string, string> = {},
  files: Record<string, Uint8Array> = {},
) {
  return configuredSeal(testRuntime(), stanzas, {
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
  it('is Shamir without a stanza, or with a disabled one', () => {
    expect(configured([])).toBeUndefined();
    expect(configured([stanza({}, 'shamir')])).toBeUndefined();
    expect(configured([stanza({ current_key: key, current_key_id: 'a', disabled: 'true' })])).toBeUndefined();
  });

  it('takes each variable of the environment before its setting', async () => {
    const seal = configured([stanza({ current_key: key, current_key_id: 'file' })], {
      BAO_STATIC_SEAL_CURRENT_KEY_ID: 'variable',
    });
    expect(await seal?.keyId()).toBe('variable');
    const alone = configured([], {
      BAO_SEAL_TYPE: 'static',
      BAO_STATIC_SEAL_CURRENT_KEY: key,
      BAO_STATIC_SEAL_CURRENT_KEY_ID: 'v',
    });
    expect(alone?.type).toBe('static');
  });

  it('reads the key from a file, byte for byte', () => {
    const files = { '/key': new Uint8Array(32).fill(200), '/line': new Uint8Array(65).fill(0x31) };
    expect(configured([stanza({ current_key: 'file:///key', current_key_id: 'f' })], {}, files)?.type).toBe('static');
    expect(() => configured([stanza({ current_key: 'file:///line', current_key_id: 'f' })], {}, files)).toThrow(
      'Error configuring seal "static": unknown encoding for AES-256 key: must be either a raw, hex, or base64-encoded',
    );
    expect(() => configured([stanza({ current_key: 'file:///no', current_key_id: 'f' })])).toThrow(
      'Error configuring seal "static": error reading file at file:///no: open /no: no such file or directory',
    );
  });

  it('refuses what is not built in', () => {
    expect(() => configured([stanza({}, 'awskms')])).toThrow(
      'Error configuring seal "awskms": unknown wrapper: awskms',
    );
  });
});
