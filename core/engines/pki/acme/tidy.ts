/** What ACME leaves behind: orders that have ended, accounts that nobody uses, bindings that nobody has used. */
import { SECOND, type Micros } from '../../../runtime.ts';
import type { Reader, Writer } from '../../../storage/storage.ts';
import { asString } from '../../../codec/json-fields.ts';
import { Collection } from '../../../framework/collection.ts';
import type { TidyConfig } from '../tidy-config.ts';
import type { TidyCounts } from '../tidy-status.ts';
import { bindings } from './eab.ts';
import { AcmeStore, type Account, type Order } from './model.ts';

export interface AcmeTidying {
  readonly storage: Reader & Writer;
  readonly config: TidyConfig;
  readonly counts: TidyCounts;
  now(): Micros;
  tell(message: string): void;
  /** Whether to go on, asked after each account and each binding. */
  goesOn(): Promise<boolean>;
}

/** Nobody else may change accounts or orders meanwhile. */
export async function tidyAcme(tidying: AcmeTidying): Promise<void> {
  const store = new AcmeStore(tidying.storage);
  const { pageSize } = tidying.config;
  const thumbprints = await store.thumbprints.list();
  for (const [index, thumbprint] of thumbprints.entries()) {
    tidying.tell(
      `Tidying Acme: ${place(index, thumbprints.length, pageSize)} on current page; total thumbprints checked: ${index}`,
    );
    await tidyAccount(thumbprint, store, tidying);
    if (!(await tidying.goesOn())) return;
  }
  const unused = new Collection(bindings, tidying.storage);
  const ids = await unused.list();
  for (const [index, id] of ids.entries()) {
    tidying.tell(
      `Tidying Acme EAB Id's: ${place(index, ids.length, pageSize)} on current page; total EAB Id's checked: ${index}`,
    );
    const eab = await unused.get(id);
    if (eab !== undefined && eab.created + buffer(tidying) < tidying.now()) await unused.delete(id);
    if (!(await tidying.goesOn())) return;
  }
}

function place(index: number, total: number, pageSize: number): string {
  const entry = index % pageSize;
  return `checking entry ${entry} of ${Math.min(pageSize, total - index + entry)}`;
}

const buffer = ({ config }: AcmeTidying): Micros => config.acmeAccountSafetyBuffer * SECOND;

/** An account without orders is revoked first, and removed when it has been so for long enough. */
async function tidyAccount(thumbprint: string, store: AcmeStore, tidying: AcmeTidying): Promise<void> {
  const { counts } = tidying;
  const id = asString((await store.thumbprints.get(thumbprint))?.['kid']) ?? '';
  const account = id === '' ? undefined : await store.accounts.get(id);
  if (account === undefined) {
    await store.thumbprints.delete(thumbprint);
    counts.acmeAccountsDeleted++;
    return;
  }
  const { left, lastEnd } = await tidyOrders(id, account, store, tidying);
  const now = tidying.now();
  const isOver = (since: Micros): boolean => now > since + buffer(tidying);
  const unused = left === 0 && isOver(account.created) && isOver(lastEnd);
  if (unused && account.status === 'valid') {
    await store.accounts.put(id, { ...account, maxCertificateEnd: lastEnd, status: 'revoked', revoked: now });
    counts.acmeAccountsRevoked++;
  } else if (unused && isOver(account.revoked)) {
    await store.accounts.delete(id);
    await store.thumbprints.delete(thumbprint);
    counts.acmeAccountsDeleted++;
  } else if (account.status === 'valid' && lastEnd !== account.maxCertificateEnd) {
    await store.accounts.put(id, { ...account, maxCertificateEnd: lastEnd });
  }
}

/** How many orders are left, and when the last of the account's certificates ends. */
async function tidyOrders(
  account: string,
  { maxCertificateEnd }: Account,
  store: AcmeStore,
  tidying: AcmeTidying,
): Promise<{ readonly left: number; readonly lastEnd: Micros }> {
  const orders = store.orders(account);
  let [left, lastEnd] = [0, maxCertificateEnd];
  for (const id of await orders.list()) {
    const order = await orders.get(id);
    if (order === undefined) continue;
    lastEnd = Math.max(lastEnd, order.certificateEnd);
    const end = order.certificateEnd === 0 ? order.expires : order.certificateEnd;
    if (tidying.now() < end + tidying.config.safetyBuffer * SECOND) {
      left++;
      continue;
    }
    await removeOrder(account, id, order, store);
    tidying.counts.acmeOrdersDeleted++;
  }
  return { left, lastEnd };
}

async function removeOrder(account: string, id: string, order: Order, store: AcmeStore): Promise<void> {
  for (const authorization of order.authorizations) await store.authorizations(account).delete(authorization);
  if (order.serial !== '') await store.certificates(account).delete(order.serial);
  await store.orders(account).delete(id);
}
