package main

import (
	"bytes"
	"strings"
	"time"

	"github.com/openbao/openbao/api/v2"
)

// raft plays a server that nobody has initialised.
func raft(client *api.Client) {
	sys := client.Sys()
	told[*api.HealthResponse]("health before")(sys.Health())
	told[bool]("init status before")(sys.InitStatus())
	told[*api.SealStatusResponse]("seal status before")(sys.SealStatus())
	told[*api.LeaderResponse]("leader before")(sys.Leader())
	told[*api.InitResponse]("init wrongly")(sys.Init(&api.InitRequest{SecretShares: 2, SecretThreshold: 3}))
	made := must(sys.Init(&api.InitRequest{SecretShares: 3, SecretThreshold: 2}))
	told[*api.Secret]("read while sealed")(client.Logical().Read("sys/mounts"))
	told[*api.SealStatusResponse]("unseal with nonsense")(sys.Unseal("nonsense"))
	told[*api.SealStatusResponse]("unseal, first")(sys.Unseal(made.Keys[0]))
	told[*api.SealStatusResponse]("unseal, reset")(sys.UnsealWithOptions(&api.UnsealOpts{Reset: true}))
	told[*api.SealStatusResponse]("unseal, first again")(sys.Unseal(made.Keys[0]))
	told[*api.SealStatusResponse]("unseal, second")(sys.Unseal(made.Keys[1]))
	client.SetToken(made.RootToken)
	settled(client)

	told[*api.Secret]("raft configuration")(client.Logical().Read("sys/storage/raft/configuration"))
	told[*api.AutopilotConfig]("autopilot configuration")(sys.RaftAutopilotConfiguration())
	done("configure autopilot", sys.PutRaftAutopilotConfiguration(&api.AutopilotConfig{CleanupDeadServers: true, DeadServerLastContactThreshold: 10 * time.Minute, MinQuorum: 3, LastContactThreshold: 10 * time.Second, MaxTrailingLogs: 1000, ServerStabilizationTime: 10 * time.Second}))
	told[*api.AutopilotConfig]("autopilot, configured")(sys.RaftAutopilotConfiguration())
	done("configure autopilot wrongly", sys.PutRaftAutopilotConfiguration(&api.AutopilotConfig{CleanupDeadServers: true, MinQuorum: 1}))
	state := must(sys.RaftAutopilotState())
	tell("autopilot state", map[string]any{"leader": state.Leader, "voters": state.Voters, "servers": len(state.Servers)}, nil)
	told[*api.RaftJoinResponse]("join when initialised")(sys.RaftJoin(&api.RaftJoinRequest{LeaderAPIAddr: "http://127.0.0.1:1"}))

	done("mount", sys.Mount("kv", &api.MountInput{Type: "kv"}))
	told[*api.Secret]("write")(client.Logical().Write("kv/a", map[string]any{"k": "before"}))
	var archive bytes.Buffer
	done("snapshot", sys.RaftSnapshot(&archive))
	told[*api.Secret]("overwrite")(client.Logical().Write("kv/a", map[string]any{"k": "after"}))
	done("restore nonsense", sys.RaftSnapshotRestore(strings.NewReader("nonsense"), false))
	done("restore", sys.RaftSnapshotRestore(&archive, false))
	settled(client)
	told[*api.Secret]("read what was restored")(client.Logical().Read("kv/a"))

	rotated := rotateRoot(client, made.Keys)
	done("step down", sys.StepDown())
	settled(client)
	done("seal", sys.Seal())
	told[*api.SealStatusResponse]("unseal with an old key")(sys.Unseal(made.Keys[2]))
	told[*api.SealStatusResponse]("reset unseal")(sys.ResetUnsealProcess())
	for _, key := range rotated {
		told[*api.SealStatusResponse]("unseal with a new key")(sys.Unseal(key))
	}
	settled(client)
	told[*api.Secret]("read after all")(client.Logical().Read("kv/a"))
}

// rotateRoot makes new shares, verified, and gives as many of them as are needed.
func rotateRoot(client *api.Client, keys []string) []string {
	sys := client.Sys()
	started := told[*api.RotateStatusResponse]("rotate root init")(sys.RotateRootInit(&api.RotateInitRequest{SecretShares: 2, SecretThreshold: 2, RequireVerification: true}))
	told[*api.RotateUpdateResponse]("rotate root, wrong nonce")(sys.RotateRootUpdate(keys[0], "wrong"))
	told[*api.RotateUpdateResponse]("rotate root, first")(sys.RotateRootUpdate(keys[0], started.Nonce))
	told[*api.RotateStatusResponse]("rotate root status")(sys.RotateRootStatus())
	update := must(sys.RotateRootUpdate(keys[1], started.Nonce))
	tell("rotate root, second", map[string]any{"complete": update.Complete, "keys": len(update.KeysB64), "verification": update.VerificationRequired}, nil)
	told[*api.RotateVerificationStatusResponse]("verification status")(sys.RotateRootVerificationStatus())
	for _, key := range update.KeysB64 {
		told[*api.RotateVerificationUpdateResponse]("verify")(sys.RotateRootVerificationUpdate(key, update.VerificationNonce))
	}
	return update.KeysB64
}

// settled waits until the server is active again.
func settled(client *api.Client) {
	for range 600 {
		if health, err := client.Sys().Health(); err == nil && !health.Sealed && !health.Standby {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}
