/** The paths of ACME in each directory. Requests are signed by the accounts of clients, not by tokens. */
import { field } from '../../../framework/field.ts';
import type { Reply } from '../../../framework/reply.ts';
import { pkiPaths, type PkiCall } from '../call.ts';
import { accountOperation, accountRequest, signedRequest, type AccountCall, type AcmeInput } from './accounts.ts';
import { DIRECTORIES, inDirectory, showDirectory, showNonce } from './directory.ts';
import { UUID } from './eab.ts';
import {
  authorizationOperation,
  challengeOperation,
  finalize,
  listOrders,
  newOrder,
  showCertificate,
  showOrder,
} from './orders.ts';
import { revoke } from './revoke.ts';

const ABOUT = 'A part of ACME (RFC 8555).';

const signed = {
  protected: field.string('The header of the signed request.'),
  payload: field.string('Its payload.'),
  signature: field.string('Its signature.'),
};
const kid = field.string('Id of the account.', { required: true });
const order_id = field.string('Id of the order.', { required: true });
const auth_id = field.string('Id of the authorization.', { required: true });
const challenge_type = field.string('Type of the challenge.', { required: true });

/** For accounts: an operation that gets what the path names. */
const forAccount = <I extends AcmeInput>(run: (acme: AccountCall, input: I) => Promise<Reply>) => ({
  update: {
    forward: true,
    run: (input: I, call: PkiCall) => accountRequest(input, call, (acme) => run(acme, input)),
  },
});

const forAnybody = (run: typeof accountOperation) => ({
  update: { forward: true, run: (input: AcmeInput, call: PkiCall) => signedRequest(input, call, run) },
});

export const acmePaths = pkiPaths();

/** The path is where it is open to all. */
const optionsOf = (path: string) => ({
  unauthenticated: path.replaceAll(/:\w+/g, '+'),
  id: { byMount: true } as const,
});

for (const { base, fields } of DIRECTORIES) {
  const nonce = {
    forward: true,
    run: (_: object, call: PkiCall) => inDirectory(call, (directory) => showNonce(directory, call)),
  };
  const all = { ...fields, ...signed };
  const order = { ...all, order_id };
  type OfOrder = AcmeInput & { order_id: string };
  type OfAuthorization = AcmeInput & { auth_id: string };
  acmePaths
    .path(
      `${base}/directory`,
      ABOUT,
      fields,
      { read: { forward: true, run: (_, call) => inDirectory(call, showDirectory) } },
      optionsOf(`${base}/directory`),
    )
    .path(`${base}/new-nonce`, ABOUT, fields, { header: nonce, read: nonce }, optionsOf(`${base}/new-nonce`))
    .path(`${base}/new-account`, ABOUT, all, forAnybody(accountOperation), optionsOf(`${base}/new-account`))
    .path(
      `${base}/account/:kid${UUID}`,
      ABOUT,
      { ...all, kid },
      forAnybody(accountOperation),
      optionsOf(`${base}/account/:kid`),
    )
    .path(
      `${base}/authorization/:auth_id*`,
      ABOUT,
      { ...all, auth_id },
      forAccount((acme, input: OfAuthorization) => authorizationOperation(input.auth_id, acme)),
      optionsOf(`${base}/authorization/:auth_id`),
    )
    .path(
      `${base}/challenge/:auth_id*/:challenge_type*`,
      ABOUT,
      { ...all, auth_id, challenge_type },
      forAccount((acme, input: OfAuthorization & { challenge_type: string }) =>
        challengeOperation(input.auth_id, input.challenge_type, acme),
      ),
      optionsOf(`${base}/challenge/:auth_id/:challenge_type`),
    )
    .path(`${base}/orders`, ABOUT, all, forAccount(listOrders), optionsOf(`${base}/orders`))
    .path(
      `${base}/order/:order_id${UUID}`,
      ABOUT,
      order,
      forAccount((acme, input: OfOrder) => showOrder(input.order_id, acme)),
      optionsOf(`${base}/order/:order_id`),
    )
    .path(`${base}/new-order`, ABOUT, all, forAccount(newOrder), optionsOf(`${base}/new-order`))
    .path(
      `${base}/order/:order_id${UUID}/finalize`,
      ABOUT,
      order,
      forAccount((acme, input: OfOrder) => finalize(input.order_id, acme)),
      optionsOf(`${base}/order/:order_id/finalize`),
    )
    .path(
      `${base}/order/:order_id${UUID}/cert`,
      ABOUT,
      order,
      forAccount((acme, input: OfOrder) => showCertificate(input.order_id, acme)),
      optionsOf(`${base}/order/:order_id/cert`),
    )
    .path(`${base}/revoke-cert`, ABOUT, all, forAnybody(revoke), optionsOf(`${base}/revoke-cert`));
}
