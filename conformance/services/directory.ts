/** The stand-in directory on a port of this machine. */
import { createServer } from 'node:net';
import { encodeMessage } from '../../core/codec/ldap/message.ts';
import { DirectoryApi, DirectorySession, type EntryPlan, PEOPLE, SUFFIX } from '../../sim/services/directory-api.ts';
import { listening } from '../fixtures/listening.ts';
import type { RunningService } from './service.ts';

const person = (name: string, more: EntryPlan[1] = {}): EntryPlan => [
  `uid=${name},${PEOPLE}`,
  { objectClass: ['person'], uid: [name], cn: [name], sn: [name], userPassword: [`${name}pw`], ...more },
];

const group = (name: string, ...members: string[]): EntryPlan => [
  `cn=${name},ou=groups,${SUFFIX}`,
  { objectClass: ['groupOfNames'], cn: [name], member: members },
];

const uid = (name: string): string => `uid=${name},${PEOPLE}`;

/** S-1-5-21-1-2-N (MS-DTYP, section 2.4.2.2). */
const sid = (n: number): Uint8Array =>
  Uint8Array.from([1, 4, 0, 0, 0, 0, 0, 5, ...[21, 1, 2, n].flatMap((part) => [part, 0, 0, 0])]);

const ENTRIES: readonly EntryPlan[] = [
  [`ou=groups,${SUFFIX}`, { ou: ['groups'] }],
  [`ou=hidden,${SUFFIX}`, { ou: ['hidden'] }],
  person('alice', { mail: ['alice@example.com'], userPrincipalName: ['alice@corp.example'], tokenGroups: [sid(9)] }),
  person('bob', { mail: ['b1@example.com', 'b2@example.com'], memberOf: [`cn=ops,ou=groups,${SUFFIX}`] }),
  person('carol'),
  person('O\\2c Neil', { uid: ['O, Neil'], userPassword: ['oneilpw'] }),
  ['uid=twin,ou=a,dc=example,dc=com', { uid: ['twin'], userPassword: ['twinpw'] }],
  ['uid=twin,ou=b,dc=example,dc=com', { uid: ['twin'], userPassword: ['twinpw'] }],
  ...['svc1', 'svc2', 'svc3'].map((name) => person(name)),
  group('Devs', uid('alice'), uid('bob')),
  group('ops', uid('bob')),
  group('all', `cn=Devs,ou=groups,${SUFFIX}`, uid('carol')),
  [`cn=posix,ou=groups,${SUFFIX}`, { cn: ['posix'], memberUid: ['alice'] }],
  [`cn=unique,ou=groups,${SUFFIX}`, { cn: ['unique', 'only'], uniqueMember: [uid('alice')] }],
  [`ou=nameless,ou=groups,${SUFFIX}`, { ou: ['nameless'], member: [uid('carol')] }],
  [`cn=secret,ou=hidden,${SUFFIX}`, { cn: ['secret'], member: [uid('alice')] }],
  [`cn=tokens,ou=groups,${SUFFIX}`, { cn: ['tokens'], objectSid: [sid(9)] }],
];

export async function startDirectory(): Promise<RunningService> {
  const api = new DirectoryApi(ENTRIES);
  const server = createServer((socket) => {
    const session = new DirectorySession();
    // Whoever leaves without a word has left.
    socket.on('error', () => socket.destroy());
    socket.on('data', (piece: Buffer) => {
      for (const message of session.receive(piece)) {
        const { said, bound } = api.answer(message, session.bound);
        session.bound = bound;
        for (const one of said) socket.write(encodeMessage({ id: message.id, ...one }));
      }
    });
  });
  const { port, end } = await listening(server);
  return { address: `ldap://127.0.0.1:${port}`, asked: [], stop: end };
}
