import { describe, expect, test } from 'vitest';
import { ConfigurationError, mergeConfigurations, parseConfiguration } from './configuration.ts';

const hcl = `
storage "raft" {
  path    = "/data"
  node_id = "a"
  performance_multiplier = 1
  retry_join { leader_api_addr = "http://b:8200" }
  retry_join { leader_api_addr = "http://c:8200" }
}
listener "tcp" {
  address     = "0.0.0.0:8200"
  tls_disable = 1
  max_request_duration = "30s"
}
seal "static" { current_key_id = "k1" }
audit "file" "to-file" {
  description = "all of it"
  options { file_path = "/audit.log" }
}
api_addr          = "http://a:8200"
default_lease_ttl = "1h"
max_lease_ttl     = 7200
ui                = "true"
disable_mlock     = true
telemetry { disable_hostname = true }
`;

describe('the configuration', () => {
  test('is read from HCL', () => {
    const { configuration, warnings } = parseConfiguration(hcl, 'a.hcl');
    expect(configuration).toMatchObject({
      storage: {
        type: 'raft',
        settings: {
          path: '/data',
          node_id: 'a',
          performance_multiplier: '1',
          retry_join: '[{"leader_api_addr":"http://b:8200"},{"leader_api_addr":"http://c:8200"}]',
        },
      },
      listeners: [{ type: 'tcp', address: '0.0.0.0:8200', tlsDisable: true, maxRequestDuration: 30_000_000 }],
      seals: [{ type: 'static', settings: { current_key_id: 'k1' } }],
      audit: [{ type: 'file', path: 'to-file', description: 'all of it', options: { file_path: '/audit.log' } }],
      apiAddr: 'http://a:8200',
      defaultLeaseTtl: 3_600_000_000,
      maxLeaseTtl: 7_200_000_000,
      ui: true,
    });
    expect(warnings).toEqual(['unknown or unsupported field disable_mlock found in configuration at a.hcl:23:1']);
  });

  test('is read from JSON', () => {
    const json =
      '{"storage":{"inmem":{}},"listener":[{"tcp":{"address":"h:1","tls_disable":true}},{"unix":{"address":"/s"}}]}';
    expect(parseConfiguration(json, 'a.json').configuration).toMatchObject({
      storage: { type: 'inmem' },
      listeners: [
        { type: 'tcp', address: 'h:1', tlsDisable: true },
        { type: 'unix', address: '/s' },
      ],
    });
  });

  test('adds up over files, the later one winning', () => {
    const first = parseConfiguration('cluster_name = "a"\nui = true\nlistener "tcp" {}', '').configuration;
    const second = parseConfiguration(
      'storage "inmem" {}\ncluster_name = "b"\nlistener "unix" { address = "/s" }',
      '',
    ).configuration;
    const merged = mergeConfigurations(first, second);
    expect(merged).toMatchObject({ clusterName: 'b', ui: true, storage: { type: 'inmem' } });
    expect(merged.listeners.map(({ type }) => type)).toEqual(['tcp', 'unix']);
  });

  // What a 2.7.2 server prints behind "error loading configuration from FILE: ".
  test.each([
    ['storage "inmem" {\n', 'At 2:2: object expected closing RBRACE got: EOF'],
    ['listener "xx" {}', `error parsing 'listener': listeners.0: unsupported listener type "xx"`],
    ['storage "inmem" {}\nstorage "file" {}', `error parsing 'storage': only one "storage" block is permitted`],
    ['default_lease_ttl = "bogus"', 'time: invalid duration "bogus"'],
    [
      'listener "tcp" { tls_disable = "maybe" }',
      `error parsing 'listener': listeners.0 invalid value for tls_disable: cannot parse '' as bool: strconv.ParseBool: parsing "maybe": invalid syntax`,
    ],
  ])('%j is refused in upstream’s words', (text, message) => {
    expect(() => parseConfiguration(text, 'x')).toThrow(message);
  });

  // Likewise.
  test.each([
    ['ui = "maybe"', `cannot parse '' as bool: strconv.ParseBool: parsing "maybe": invalid syntax`],
    ['cache_size = "x"', 'strconv.ParseInt: parsing "x": invalid syntax'],
    ['disable_standby_reads = "x"', 'At 1:25: root.disable_standby_reads: unknown type *ast.LiteralType'],
    [
      'storage = "inmem"',
      "error parsing 'storage': storage.storage: At 1:11: root: not an object type for map (*ast.LiteralType)",
    ],
    [
      '{"listener": 3}',
      "error parsing 'listener': listeners.0: At -: root: not an object type for struct (*ast.LiteralType)",
    ],
    ['listener { }', "error parsing 'listener': listeners.0: listener type must be specified"],
    ['listener "tcp" { role = "x" }', `error parsing 'listener': listeners.0: unsupported listener role "x"`],
    [
      'listener "tcp" { max_request_size = "1MB" }',
      `error parsing 'listener': listeners.0 error parsing max_request_size: strconv.ParseInt: parsing "1MB": invalid syntax`,
    ],
    [
      'listener "tcp" { max_request_duration = -1 }',
      "error parsing 'listener': listeners.0 max_request_duration cannot be negative",
    ],
    [
      'listener "tcp" { x_forwarded_for_hop_skips = -1 }',
      "error parsing 'listener': listeners.0 x_forwarded_for_hop_skips cannot be negative but set to -1",
    ],
    [
      'listener "tcp" { x_forwarded_for_authorized_addrs = "x" }',
      `error parsing 'listener': listeners.0 error parsing x_forwarded_for_authorized_addrs: error parsing address "x": Unable to convert "x" to an IPv4 or IPv6 address, or a UNIX Socket`,
    ],
    [
      'listener "tcp" { cors_allowed_origins = "x" }',
      "error parsing 'listener': listeners.0: At 1:41: unknown slice type: *ast.LiteralType",
    ],
    [
      'listener "tcp" { tls_cipher_suites = "NOPE" }',
      `error parsing 'listener': listeners.0 invalid value for tls_cipher_suites: unsupported cipher "NOPE"`,
    ],
    [
      'listener "tcp" { custom_response_headers { "999" = { "A" = ["b"] } } }',
      "error parsing 'listener': listeners.0 failed to parse custom_response_headers: invalid status code found in the server configuration: 999",
    ],
    [
      'listener "tcp" { telemetry { unauthenticated_metrics_access = "x" } }',
      `error parsing 'listener': listeners.0 invalid value for telemetry.unauthenticated_metrics_access: cannot parse '' as bool: strconv.ParseBool: parsing "x": invalid syntax`,
    ],
    ['telemetry { usage_gauge_period = "x" }', `error parsing 'telemetry': time: invalid duration "x"`],
    ['user_lockout "zzz" { }', `error parsing 'user_lockout': user_lockouts.0: unsupported auth type "zzz"`],
    [
      'user_lockout "all" { lockout_threshold = "x" }',
      `error parsing 'user_lockout': user_lockouts.0 error parsing lockout_threshold: strconv.ParseUint: parsing "x": invalid syntax`,
    ],
    [
      'ui = [{ a = 1 }, "b"]',
      "'' expected type 'bool', got unconvertible type '[]interface {}', value: '[map[a:1] b]'",
    ],
    ['ui = 99999999999999999999', 'strconv.ParseInt: parsing "99999999999999999999": value out of range'],
    ['unsafe_relative_paths = "true"', 'At 1:25: root.unsafe_relative_paths: unknown type *ast.LiteralType'],
    ['cache_size = { a = "b" }', 'At 1:16: root.cache_size: unknown type *ast.ObjectList'],
    ['log_level = 1.5', 'At 1:13: root.log_level: unknown type for string *ast.LiteralType'],
    [
      'disable_mlock = false',
      'OpenBao has dropped support for mlock. Please remove\nthe line "disable_mlock" = false from your config and disable\nor encrypt swap instead. For more information, see:\nhttps://openbao.org/docs/install/#post-installation-hardening',
    ],
    [
      'disable_mlock = "x"',
      `error parsing 'disable_mlock': cannot parse '' as bool: strconv.ParseBool: parsing "x": invalid syntax`,
    ],
    ['seal = []', "error parsing 'seal': seal.seal: At 1:8: root: not an object type for map (*ast.ListType)"],
    [
      'telemetry = 1',
      "error parsing 'telemetry': telemetry: At 1:13: root: not an object type for struct (*ast.LiteralType)",
    ],
    [
      'telemetry { disable_hostname = "true" }',
      "error parsing 'telemetry': telemetry: At 1:32: root.disable_hostname: unknown type *ast.LiteralType",
    ],
    ['listener "tcp" "a" {}', "error parsing 'listener': listeners.0: listener type must be specified"],
    [
      'listener "tcp" { max_request_size = 1.5 }',
      "error parsing 'listener': listeners.0 error parsing max_request_size: could not parse value from input",
    ],
    [
      'listener "tcp" { cors_allowed_headers = { a = "b" } }',
      "error parsing 'listener': listeners.0: At 1:43: root.cors_allowed_headers[0]: unknown type for string *ast.ObjectItem",
    ],
    [
      'listener "tcp" { proxy_protocol_authorized_addrs = true }',
      "error parsing 'listener': listeners.0 error parsing proxy_protocol_authorized_addrs: unknown address input type bool",
    ],
    [
      'user_lockout "all" { lockout_duration = "-5s" }',
      "error parsing 'user_lockout': user_lockouts.0 lockout_duration cannot be negative",
    ],
    [
      'user_lockout {}',
      `error parsing 'user_lockout': user_lockouts.0: auth type for user lockout must be specified, if it applies to all auth methods specify "all" `,
    ],
    ['plugin "a" {}', "error parsing 'plugin': plugin.0: plugin type must be specified"],
    // Of two mistakes.
    ['audit {}\nmax_lease_ttl = "x"', 'time: invalid duration "x"'],
    ['ui = "x"\nuser_lockout "y" {}\nlog_level = []', 'At 3:13: root.log_level: unknown type for string *ast.ListType'],
    ['ui = "x"\nuser_lockout "y" {}', `error parsing 'user_lockout': user_lockouts.0: unsupported auth type "y"`],
    ['user_lockout "y" {}\nlistener "x" {}', `error parsing 'listener': listeners.0: unsupported listener type "x"`],
    [
      'storage "a" {}\nstorage "b" {}\nui = "x"',
      `cannot parse '' as bool: strconv.ParseBool: parsing "x": invalid syntax`,
    ],
  ])('%j too', (text, message) => {
    expect(() => parseConfiguration(text, 'x')).toThrow(new ConfigurationError(message));
  });

  test('addresses may be templates', () => {
    const loopback = {
      name: 'lo',
      index: 1,
      mtu: 0,
      hardware: '',
      flags: new Set(['up', 'loopback'] as const),
      addresses: ['127.0.0.1/8'],
    };
    const text = [
      'api_addr = "http://{{ GetInterfaceIPs \\"lo\\" }}:1"',
      'cluster_addr = "{{ GetPrivateIP }}"',
      'listener "tcp" {',
      '  address = "{{ GetInterfaceIPs \\"lo\\" }}:2"',
      '  cluster_address = "{{ GetInterfaceIPs \\"lo\\" }}:3"',
      '}',
      'listener "tcp" { address = "{{ GetPrivateIP }}" }',
    ].join('\n');
    const { configuration } = parseConfiguration(text, 'b.hcl', () => ({ all: [loopback] }));
    expect(configuration).toMatchObject({
      apiAddr: 'http://127.0.0.1:1',
      clusterAddr: '',
      listeners: [
        { address: '127.0.0.1:2', clusterAddress: '127.0.0.1:3', raw: { address: '{{ GetInterfaceIPs "lo" }}:2' } },
        { address: '127.0.0.1:8200' },
      ],
    });
    const broken = (where: string): ConfigurationError =>
      new ConfigurationError(
        `${where}unable to parse address template "{{ A }}": unable to parse template "{{ A }}": template: sockaddr.Parse:1: function "A" not defined`,
      );
    expect(() => parseConfiguration('listener "x" { address = "{{ A }}" }', 'b.hcl')).toThrow(
      broken("error parsing 'listener': listeners.0: "),
    );
    expect(() => parseConfiguration('api_addr = "{{ A }}"\ndisable_mlock = false', 'b.hcl')).toThrow(broken(''));
  });

  test.each([
    ['storage "inmem" { disable_clustering = "t" }', false, true],
    ['storage "inmem" { disable_clustering = "t" }\ndisable_clustering = false', false, false],
    ['storage "inmem" {}\ndisable_clustering = true', true, true],
  ])('%j disables clustering: %s, and for its storage: %s', (text, disableClustering, storageWithoutClustering) => {
    const { configuration } = parseConfiguration(text, 'a.hcl');
    expect(configuration).toMatchObject({ disableClustering, storageWithoutClustering });
  });

  test.each([
    ['command = "c"', []],
    ['image = "i"', []],
    ['', ['plugin "secret-x": image and command cannot both be empty at -']],
  ])('a plugin is told by a command or an image: %j', (given, warnings) => {
    const text = `plugin "secret" "x" { ${given} version = "v1.0.0" binary_name = "b" sha256sum = "${'0'.repeat(64)}" }`;
    expect(parseConfiguration(text, 'a.hcl').warnings).toEqual(warnings);
  });

  test('labelled blocks that nobody knows are passed over, and JSON has no places', () => {
    expect(parseConfiguration('block "x" { a = 1 }\nfoo { }', 'b.hcl').warnings).toEqual([
      'unknown or unsupported field foo found in configuration at b.hcl:2:1',
    ]);
    expect(parseConfiguration('{"disable_mlock": true}', 'b.json').warnings).toEqual([
      'unknown or unsupported field disable_mlock found in configuration at b.json',
    ]);
  });

  test('numbers are booleans, fractions are durations, and JSON may say null', () => {
    const { configuration } = parseConfiguration('ui = 16\nmax_lease_ttl = 1.5\nlog_format = 0x10', 'b.hcl');
    expect(configuration).toMatchObject({ ui: true, maxLeaseTtl: 1_500_000, logFormat: '0x10' });
    expect(parseConfiguration('{"ui": null, "storage": {"inmem": {}}}', 'b.json').configuration.ui).toBe(false);
  });

  test('unknown keys are named with their place', () => {
    const text =
      'foo = 1\nstorage "inmem" { x = "y" }\nlistener "tcp" { address="127.0.0.1:18451" tls_disable=1 nokey=3 }';
    expect(parseConfiguration(text, 'b.hcl').warnings).toEqual([
      'unknown or unsupported field foo found in configuration at b.hcl:1:1',
      'unknown or unsupported field nokey found in configuration at b.hcl:3:58',
    ]);
  });
});

describe('service_registration', () => {
  const parsed = (body: string) => parseConfiguration(`service_registration "kubernetes" {\n${body}\n}`, 'a.hcl');

  test('holds texts by the names as they are written, and numbers as texts', () => {
    const { serviceRegistration } = parsed('namespace = 5\nPod_Name = "x"').configuration;
    expect(serviceRegistration).toMatchObject({ type: 'kubernetes', settings: { namespace: '5', Pod_Name: 'x' } });
  });

  test.each([
    ['pod_name = true', 'At 2:12: root.pod_name: unknown type for string *ast.LiteralType'],
    ['pod_name = ["x"]', 'At 2:12: root.pod_name: unknown type for string *ast.ListType'],
    ['other { y = "z" }', 'At 2:7: root.other: unknown type for string *ast.ObjectType'],
  ])('%s is refused', (body, why) => {
    const whole = `error parsing 'service_registration': service_registration.kubernetes: ${why}`;
    expect(() => parsed(body)).toThrow(new ConfigurationError(whole));
  });
});
