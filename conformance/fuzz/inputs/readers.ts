/** Everything that reads what comes from outside. */
import { cryptoReaders } from './crypto-readers.ts';
import { hclReaders } from './hcl-readers.ts';
import { kerberosReaders } from './kerberos-readers.ts';
import type { InputReader } from './parser.ts';
import { textReaders } from './text-readers.ts';
import { wireReaders } from './wire-readers.ts';

export const inputReaders = async (): Promise<readonly InputReader[]> => [
  ...(await cryptoReaders()),
  ...hclReaders(),
  ...kerberosReaders(),
  ...textReaders(),
  ...wireReaders(),
];
