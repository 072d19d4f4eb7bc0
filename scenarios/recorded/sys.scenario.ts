import { recorded } from '../../sim/story.ts';

// Not here: what seals or ends the office of whoever is asked (seal, status, sudo), namespaces with shares
// (namespace-seals), and storage without Raft (raft-absent).
recorded('sys/acl');
recorded('sys/audit');
recorded('sys/auth', { calm: 'moves of mounts' });
recorded('sys/control-groups');
recorded('sys/corners');
recorded('sys/empty-names');
recorded('sys/empty-values', { apart: [/^PUT sys\/init/] });
recorded('sys/external-keys');
recorded('sys/external-key-settings');
recorded('sys/leases');
recorded('sys/list-filters');
recorded('sys/login-mfa', { calm: 'logins that wait for a second factor' });
recorded('sys/more', { apart: [/^GET sys\/(?:loggers|pprof)/] });
recorded('sys/mount-config');
recorded('sys/mounts');
recorded('sys/namespace-entry', { calm: 'requests that quotas have counted' });
recorded('sys/namespace-tokens', { calm: 'moves of mounts' });
recorded('sys/namespaces');
recorded('sys/policies');
recorded('sys/policy-names');
recorded('sys/quotas', { calm: 'requests that quotas have counted' });
recorded('sys/quoted-names', { calm: 'it gives a KV mount a version that no node starts with' });
recorded('sys/tools');
recorded('sys/tune');
recorded('sys/workflows');
recorded('sys/wrapped-status');
recorded('sys/wrapping', { apart: [/replication_performance_mode/] });
