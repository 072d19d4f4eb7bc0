/** Result codes of LDAP (RFC 4511, appendix A) and those that clients give themselves, with the names that Go's client prints. */

export const SUCCESS = 0;
export const PROTOCOL_ERROR = 2;
export const SIZE_LIMIT_EXCEEDED = 4;
export const NO_SUCH_OBJECT = 32;
export const INVALID_CREDENTIALS = 49;
export const INSUFFICIENT_ACCESS = 50;
export const UNWILLING_TO_PERFORM = 53;
export const ENTRY_ALREADY_EXISTS = 68;
/** From here on no server says it. */
export const NETWORK_ERROR = 200;
export const FILTER_COMPILE_ERROR = 201;

const NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'Success'],
  [1, 'Operations Error'],
  [2, 'Protocol Error'],
  [3, 'Time Limit Exceeded'],
  [4, 'Size Limit Exceeded'],
  [5, 'Compare False'],
  [6, 'Compare True'],
  [7, 'Auth Method Not Supported'],
  [8, 'Strong Auth Required'],
  [10, 'Referral'],
  [11, 'Admin Limit Exceeded'],
  [12, 'Unavailable Critical Extension'],
  [13, 'Confidentiality Required'],
  [14, 'Sasl Bind In Progress'],
  [16, 'No Such Attribute'],
  [17, 'Undefined Attribute Type'],
  [18, 'Inappropriate Matching'],
  [19, 'Constraint Violation'],
  [20, 'Attribute Or Value Exists'],
  [21, 'Invalid Attribute Syntax'],
  [32, 'No Such Object'],
  [33, 'Alias Problem'],
  [34, 'Invalid DN Syntax'],
  [35, 'Is Leaf'],
  [36, 'Alias Dereferencing Problem'],
  [48, 'Inappropriate Authentication'],
  [49, 'Invalid Credentials'],
  [50, 'Insufficient Access Rights'],
  [51, 'Busy'],
  [52, 'Unavailable'],
  [53, 'Unwilling To Perform'],
  [54, 'Loop Detect'],
  [64, 'Naming Violation'],
  [65, 'Object Class Violation'],
  [66, 'Not Allowed On Non Leaf'],
  [67, 'Not Allowed On RDN'],
  [68, 'Entry Already Exists'],
  [69, 'Object Class Mods Prohibited'],
  [71, 'Affects Multiple DSAs'],
  [80, 'Other'],
  [200, 'Network Error'],
  [201, 'Filter Compile Error'],
]);

/** What a server, or the client itself, says against a request. */
export class LdapError extends Error {
  readonly code: number;
  constructor(code: number, what: string) {
    super(`LDAP Result Code ${code} "${NAMES.get(code) ?? ''}": ${what}`);
    this.name = 'LdapError';
    this.code = code;
  }
}
