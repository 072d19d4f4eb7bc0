import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { allAddresses } from '../core/codec/sockaddr/interfaces.ts';
import { defaultInterface, interfacesOfHost } from './interfaces.ts';

const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\n';

it('the default interface is the one with a gateway to everywhere', () => {
  const rows = [
    'd0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0',
    'eth1\t00000000\t0100010A\t0003\t0\t0\t0\t00000000\t0',
  ];
  expect(defaultInterface(HEAD + rows.join('\n'))).toBe('eth1');
  expect(defaultInterface(`${HEAD}eth1\t0000010A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0`)).toBeUndefined();
  expect(defaultInterface('')).toBeUndefined();
});

it('interfaces have the flags, the size and the place that the system tells', () => {
  const sys = mkdtempSync(join(tmpdir(), 'steamer-net-'));
  const name = Object.entries(networkInterfaces()).find(([, own]) => own?.some(({ internal }) => internal))![0];
  mkdirSync(join(sys, name));
  const files = { flags: '0x1049\n', operstate: 'down\n', mtu: '1400\n', ifindex: '7\n' };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(sys, name, file), text);
  const found = interfacesOfHost(sys, join(sys, 'no-routes'));
  expect(found.defaultName).toBeUndefined();
  const loopback = found.all.find((one) => one.name === name)!;
  expect(loopback).toMatchObject({
    index: 7,
    mtu: 1400,
    hardware: '',
    flags: new Set(['up', 'loopback', 'multicast']),
  });
  const shown = allAddresses({ all: [loopback] }).map(({ text }) => text);
  expect(shown).toContain(`127.0.0.1/8 {7 1400 ${name}  up|loopback|multicast}`);
});
