import { recorded } from '../../sim/story.ts';

const ATTEMPTS = 'attempts at keys and tokens end with an office';
/** Nodes on raft, with no configuration to show. */
const OF_RAFT = /^GET sys\/(?:config\/state\/sanitized|loggers|storage\/raft\/configuration)/;
const SEALED = 'it seals a node, which has to be the active one again';

recorded('sys/acl');
recorded('sys/audit');
recorded('sys/audit-devices');
recorded('sys/auth', { calm: 'moves of mounts' });
recorded('sys/control-groups');
recorded('sys/corners');
recorded('sys/empty-names');
recorded('sys/empty-values', { apart: [/^PUT sys\/init/] });
recorded('sys/external-key-settings');
recorded('sys/external-keys');
recorded('sys/generate-root', {
  steady: ATTEMPTS,
  alone: 'it is one member',
  apart: [/cluster_name|leader_cluster_address|servers\[0\]\.address/],
});
recorded('sys/key-backups', { steady: ATTEMPTS });
recorded('sys/key-holders', { steady: ATTEMPTS });
recorded('sys/leases');
recorded('sys/list-filters');
recorded('sys/login-mfa', { calm: 'logins that wait for a second factor' });
recorded('sys/more', { apart: [/^GET sys\/(?:loggers|pprof)/] });
recorded('sys/mount-config');
recorded('sys/mounts');
recorded('sys/namespace-entry', { calm: 'requests that quotas have counted' });
recorded('sys/namespace-seals', { calm: 'standbys hear of open namespaces a while later' });
recorded('sys/namespace-tokens', { calm: 'moves of mounts' });
recorded('sys/namespaces');
recorded('sys/policies');
recorded('sys/policy-names');
recorded('sys/quotas', { calm: 'requests that quotas have counted' });
recorded('sys/quoted-names', { calm: 'it gives a KV mount a version that no node starts with' });
recorded('sys/raft-absent', { storage: 'postgresql' });
recorded('sys/recovery-backup', { steady: ATTEMPTS });
recorded('sys/recovery-keys', { steady: ATTEMPTS, alone: SEALED });
recorded('sys/recovery-rotation', { steady: ATTEMPTS });
recorded('sys/rotate-backup', { steady: ATTEMPTS });
recorded('sys/seal', { steady: ATTEMPTS, alone: SEALED, apart: [/^GET sys\/(?:leader|config\/state)/] });
recorded('sys/spelled-inside');
recorded('sys/spellings');
recorded('sys/status', {
  steady: ATTEMPTS,
  apart: [OF_RAFT, /^GET sys\/(?:ha-status|leader|pprof\/cmdline|internal\/inspect)/],
});
recorded('sys/storage-of-mounts');
recorded('sys/sudo', { apart: [OF_RAFT, /^PUT sys\/step-down/] });
recorded('sys/tools');
recorded('sys/tune');
recorded('sys/workflows');
recorded('sys/wrapped-status');
recorded('sys/wrapping');
