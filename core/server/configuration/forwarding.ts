/** `x_forwarded_for_…` of a listener: which proxies are believed, and what they say of the client. */
import { canonicalAddress, parseCidr } from '../../codec/address.ts';
import { quote } from '../../codec/go-quote.ts';
import type { HclValue } from '../../codec/hcl.ts';
import { type Block, goText, splitAtCommas } from './values.ts';

export interface Forwarding {
  /** CIDR blocks of the proxies that are believed; none: the header means nothing. */
  readonly authorized: readonly string[];
  /** Proxies between the client and the one that speaks to us. */
  readonly hopSkips: number;
  readonly rejectNotPresent: boolean;
  readonly rejectNotAuthorized: boolean;
  readonly clientCert: {
    /** Where a proxy puts the client's certificate; '' for nowhere. */
    readonly header: string;
    readonly decoders: readonly CertDecoder[];
    /** The header counts although no proxy has said whom it speaks for. */
    readonly keepNotForwarded: boolean;
    /** The header counts although the proxy is not one that is believed. */
    readonly keepUnauthorized: boolean;
  };
}

export type CertDecoder = 'URL' | 'PEM' | 'RFC9440';
type Fault = (text: string) => never;

export function forwarding(block: Block, fault: Fault): Forwarding {
  const hopSkips = block.integer('x_forwarded_for_hop_skips', 0);
  if (hopSkips < 0) fault(`x_forwarded_for_hop_skips cannot be negative but set to ${hopSkips}`);
  return {
    authorized: addresses(block, 'x_forwarded_for_authorized_addrs', fault),
    hopSkips,
    rejectNotPresent: block.boolean('x_forwarded_for_reject_not_present'),
    rejectNotAuthorized: block.boolean('x_forwarded_for_reject_not_authorized'),
    clientCert: {
      header: block.string('x_forwarded_for_client_cert_header'),
      decoders: block.strictStrings('x_forwarded_for_client_cert_decoders').map((name) => decoderOf(name, fault)),
      keepNotForwarded: block.boolean('x_forwarded_for_client_cert_keep_not_forwarded'),
      keepUnauthorized: block.boolean('x_forwarded_for_client_cert_keep_unauthorized'),
    },
  };
}

function decoderOf(name: string, fault: Fault): CertDecoder {
  if (name === 'URL' || name === 'PEM' || name === 'RFC9440') return name;
  return fault(`invalid value for x_forwarded_for_client_cert_decoders: ${name}`);
}

/** Addresses and blocks of them. */
export function addresses(block: Block, name: string, fault: Fault): string[] {
  const value = block.value(name);
  if (value === undefined) return [];
  const found = addressTexts(value, (reason) => fault(`error parsing ${name}: ${reason}`));
  for (const address of found) {
    if (canonicalAddress(address) !== undefined || parseCidr(address) !== undefined) continue;
    const reason = `Unable to convert ${quote(address)} to an IPv4 or IPv6 address, or a UNIX Socket`;
    fault(`error parsing ${name}: error parsing address ${quote(address)}: ${reason}`);
  }
  return found;
}

/** Texts with commas, or lists of texts. */
function addressTexts(value: HclValue, fault: Fault): string[] {
  if (value.kind === 'object') return fault('unknown address input type []map[string]interface {}');
  if (value.kind === 'list') {
    return value.items.map((item) => {
      const text = item.kind === 'literal' ? item.value : undefined;
      return typeof text === 'string' ? text.trim() : fault(`error parsing ${goText(item)} as string`);
    });
  }
  if (typeof value.value === 'boolean') return fault('unknown address input type bool');
  if (typeof value.value === 'number')
    return fault(`unknown address input type ${value.type === 'float' ? 'float64' : 'int'}`);
  const text = value.value ?? '';
  const found = splitAtCommas(text);
  return found.length > 0 ? found : fault(`unable to parse addresses from ${text}`);
}
