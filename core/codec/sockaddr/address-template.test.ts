import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fc, it as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { AddressTemplateError, singleAddress } from './address-template.ts';
import type { InterfaceFlag, Interfaces, NetworkInterface } from './interfaces.ts';

interface Answer {
  readonly template: string;
  readonly text?: string;
  readonly error?: string;
}

/** What a 2.7.2 gave on a machine with these interfaces. */
const golden = JSON.parse(readFileSync(fileURLToPath(new URL('answers.golden.json', import.meta.url)), 'utf8')) as {
  readonly interfaces: {
    readonly all: readonly (Omit<NetworkInterface, 'flags'> & { readonly flags: readonly InterfaceFlag[] })[];
    readonly defaultName: string;
  };
  readonly answers: readonly Answer[];
};

const interfaces: Interfaces = {
  ...golden.interfaces,
  all: golden.interfaces.all.map((one) => ({ ...one, flags: new Set(one.flags) })),
};

const message = (run: () => string): string => {
  try {
    return run();
  } catch (error) {
    if (error instanceof AddressTemplateError) return error.message;
    throw error;
  }
};

/** Two words more make an error of any output, which is how the real server was asked for it. */
const MARK = '>> <<';

function answer(template: string): Answer {
  const text = message(() => singleAddress(template + MARK, () => interfaces));
  const [, found] = /^multiple addresses found \((".*")\), please configure one$/.exec(text) ?? [];
  if (found !== undefined) return { template, text: (JSON.parse(found) as string).replace(MARK, '') };
  return {
    template,
    error: /: unable to (?:parse template|execute sockaddr input) ".*?[^\\]": (template: .*)$/.exec(text)?.[1] ?? text,
  };
}

describe('addresses as templates', () => {
  it('are what the real server found', () => {
    expect(golden.answers.map(({ template }) => answer(template))).toEqual(golden.answers);
  });

  it.each([
    ['https://127.0.0.1:8200', 'https://127.0.0.1:8200'],
    ['{{ GetAllInterfaces', '{{ GetAllInterfaces'],
    ['http://{{ GetInterfaceIP "veth0" }}:8200', 'http://10.1.2.3:8200'],
    ['{{ "\\t" }}{{ GetPrivateIP }}', '10.1.2.3'],
    [
      '{{ Foo }}é',
      'unable to parse address template "{{ Foo }}é": unable to parse template "{{ Foo }}\\u00e9": template: sockaddr.Parse:1: function "Foo" not defined',
    ],
    ['{{ GetPublicIPs }} ', 'multiple addresses found ("8.8.4.4 2600:1f00::5 "), please configure one'],
  ])('%s is %s', (text, found) => {
    expect(message(() => singleAddress(text, () => interfaces))).toBe(found);
  });

  it('find no default interface where there is none', () => {
    const lost = (): string => singleAddress('{{ GetDefaultInterfaces }}', () => ({ all: interfaces.all }));
    expect(message(lost)).toMatch(/error calling GetDefaultInterfaces: no default interface found$/);
    expect(singleAddress('{{ GetPrivateIP }}', () => ({ all: [] }))).toBe('');
  });

  property.prop([fc.string({ maxLength: 30 })])('are refused with a text, whatever they hold', (inside) => {
    expect(typeof message(() => singleAddress(`{{ . | ${inside} }}`, () => interfaces))).toBe('string');
  });
});
