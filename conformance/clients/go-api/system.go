package main

import (
	"bytes"
	"context"
	"strings"

	"github.com/openbao/openbao/api/v2"
)

func tokens(client *api.Client) {
	auth := client.Auth().Token()
	renewable := true
	request := &api.TokenCreateRequest{Policies: []string{"default"}, TTL: "1h", DisplayName: "go", Renewable: &renewable, Metadata: map[string]string{"a": "b"}}
	made := told[*api.Secret]("token create")(auth.Create(request))
	told[*api.Secret]("token create orphan")(auth.CreateOrphan(request))
	told[*api.Secret]("token create with a role that is not there")(auth.CreateWithRole(request, "none"))
	told[*api.Secret]("token role")(client.Logical().Write("auth/token/roles/r", map[string]any{"allowed_policies": "default", "token_period": "1h"}))
	told[*api.Secret]("token create with role")(auth.CreateWithRole(&api.TokenCreateRequest{}, "r"))
	told[*api.Secret]("token lookup")(auth.Lookup(made.Auth.ClientToken))
	told[*api.Secret]("token lookup of nothing")(auth.Lookup("s.none"))
	told[*api.Secret]("token lookup accessor")(auth.LookupAccessor(made.Auth.Accessor))
	told[*api.Secret]("token lookup self")(auth.LookupSelf())
	told[*api.Secret]("token renew")(auth.Renew(made.Auth.ClientToken, 60))
	told[*api.Secret]("token renew accessor")(auth.RenewAccessor(made.Auth.Accessor, 60))
	told[*api.Secret]("token renew self of root")(auth.RenewSelf(60))
	told[*api.Secret]("token renew as self")(auth.RenewTokenAsSelf(made.Auth.ClientToken, 60))
	secret := told[*api.Secret]("token lookup, parsed")(auth.Lookup(made.Auth.ClientToken))
	told[[]string]("token policies")(secret.TokenPolicies())
	told[bool]("token renewable")(secret.TokenIsRenewable())
	told[map[string]string]("token metadata")(secret.TokenMetadata())
	told[int]("token uses")(secret.TokenRemainingUses())
	child := must(auth.Create(&api.TokenCreateRequest{NoParent: false, NumUses: 2, ExplicitMaxTTL: "2h"}))
	told[[]string]("capabilities")(client.Sys().Capabilities(made.Auth.ClientToken, "sys/mounts"))
	told[[]string]("capabilities self")(client.Sys().CapabilitiesSelf("sys/mounts"))
	done("token revoke accessor", auth.RevokeAccessor(child.Auth.Accessor))
	done("token revoke accessor again", auth.RevokeAccessor(child.Auth.Accessor))
	done("token revoke orphan", auth.RevokeOrphan(made.Auth.ClientToken))
	done("token revoke tree of nothing", auth.RevokeTree("s.none"))
	own := must(client.Clone())
	own.SetToken(must(auth.Create(request)).Auth.ClientToken)
	told[*api.Secret]("token lookup of another, by a token without rights")(own.Auth().Token().Lookup("root"))
	done("token revoke self", own.Auth().Token().RevokeSelf(""))
	told[*api.Secret]("token lookup self, revoked")(own.Auth().Token().LookupSelf())
}

func system(client *api.Client) {
	sys := client.Sys()
	told[*api.HealthResponse]("health")(sys.Health())
	told[*api.LeaderResponse]("leader")(sys.Leader())
	told[*api.HAStatusResponse]("ha status")(sys.HAStatus())
	told[bool]("init status")(sys.InitStatus())
	told[*api.InitResponse]("init again")(sys.Init(&api.InitRequest{SecretShares: 1, SecretThreshold: 1}))
	told[*api.SealStatusResponse]("seal status")(sys.SealStatus())
	told[*api.SealStatusResponse]("unseal when unsealed")(sys.Unseal("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="))
	told[*api.SealStatusResponse]("reset unseal")(sys.ResetUnsealProcess())
	status, err := sys.KeyStatus()
	tell("key status", status.Term, err)
	done("rotate", sys.Rotate())
	done("rotate keyring", sys.RotateKeyring())
	done("rotate root", sys.RotateRoot())
	done("step down", sys.StepDown())

	done("put policy", sys.PutPolicy("p", `path "secret/*" { capabilities = ["read"] }`))
	done("put a wrong policy", sys.PutPolicy("q", `path "secret/*" { capabilities = ["reed"] }`))
	told[string]("get policy")(sys.GetPolicy("p"))
	told[string]("get policy that is not there")(sys.GetPolicy("none"))
	told[[]string]("list policies")(sys.ListPolicies())
	done("delete policy", sys.DeletePolicy("p"))
	done("delete root policy", sys.DeletePolicy("root"))

	told[*api.CORSResponse]("cors")(sys.CORSStatus())
	done("configure cors", sys.ConfigureCORS(&api.CORSRequest{AllowedOrigins: []string{"https://a.test"}, AllowedHeaders: []string{"X-A"}, Enabled: true}))
	told[*api.CORSResponse]("cors, configured")(sys.CORSStatus())
	done("disable cors", sys.DisableCORS())
	done("configure cors without origins", sys.ConfigureCORS(&api.CORSRequest{Enabled: true}))

	told[map[string]*api.Audit]("list audit")(sys.ListAudit())
	done("enable audit", sys.EnableAuditWithOptions("file", &api.EnableAuditOptions{Type: "file", Options: map[string]string{"file_path": "/dev/null"}}))
	told[string]("audit hash of no device")(sys.AuditHash("none", "x"))
	done("disable audit of nothing", sys.DisableAudit("none"))

	told[*api.GenerateRootStatusResponse]("generate root status")(sys.GenerateRootStatus())
	started, err := sys.GenerateRootInit("", "")
	tell("generate root init", map[string]any{"started": started.Started, "required": started.Required, "otp": len(started.OTP), "length": started.OTPLength}, err)
	told[*api.GenerateRootStatusResponse]("generate root update")(sys.GenerateRootUpdate("AA", "x"))
	done("generate root cancel", sys.GenerateRootCancel())
	told[*api.GenerateRootStatusResponse]("recovery token status")(sys.GenerateRecoveryOperationTokenStatus())
	told[*api.RekeyStatusResponse]("rekey status")(sys.RekeyStatus())
	told[*api.RekeyStatusResponse]("rekey init")(sys.RekeyInit(&api.RekeyInitRequest{SecretShares: 1, SecretThreshold: 1}))
	told[*api.RekeyUpdateResponse]("rekey update")(sys.RekeyUpdate("AA", "x"))
	told[*api.RekeyVerificationStatusResponse]("rekey verification")(sys.RekeyVerificationStatus())
	told[*api.RekeyRetrieveResponse]("rekey backup")(sys.RekeyRetrieveBackup())
	done("rekey cancel", sys.RekeyCancel())
	rotation(client)
	told[*api.RotateStatusResponse]("rotate recovery status")(sys.RotateRecoveryStatus())
	told[*api.RotateStatusResponse]("rotate recovery init")(sys.RotateRecoveryInit(&api.RotateInitRequest{SecretShares: 1, SecretThreshold: 1}))
	told[*api.RotateRetrieveResponse]("rotate recovery backup")(sys.RotateRecoveryRetrieveBackup())

	told[*api.AutopilotState]("autopilot state without raft")(sys.RaftAutopilotState())
	told[*api.AutopilotConfig]("autopilot configuration without raft")(sys.RaftAutopilotConfiguration())
	done("snapshot without raft", sys.RaftSnapshot(&bytes.Buffer{}))
	done("restore without raft", sys.RaftSnapshotRestore(strings.NewReader("no archive"), false))
	told[*api.RaftJoinResponse]("raft join without raft")(sys.RaftJoin(&api.RaftJoinRequest{LeaderAPIAddr: "http://127.0.0.1:1"}))

	told[*api.Secret]("lookup of no lease")(sys.Lookup("none"))
	told[*api.Secret]("renew of no lease")(sys.Renew("none", 10))
	done("revoke no lease", sys.Revoke("none"))
	done("revoke no prefix", sys.RevokePrefix("none"))
	done("revoke by force", sys.RevokeForce("none"))
	done("revoke, synchronously", sys.RevokeWithOptions(&api.RevokeOptions{LeaseID: "none", Sync: true}))
	told[*api.Secret]("mfa validate")(sys.MFAValidate("none", map[string]any{"m": []string{"1"}}))
	monitored(client)
	help, err := client.Help("sys/policies/acl")
	tell("help", strings.HasPrefix(help.Help, "Request: "), err)
	told[*api.Help]("help of nothing")(client.Help("none/at/all"))
}

// rotation is one of the root key's that nobody finishes.
func rotation(client *api.Client) {
	sys := client.Sys()
	told[*api.RotateStatusResponse]("rotate root status")(sys.RotateRootStatus())
	told[*api.RotateStatusResponse]("rotate root init")(sys.RotateRootInit(&api.RotateInitRequest{SecretShares: 3, SecretThreshold: 2, RequireVerification: true}))
	told[*api.RotateStatusResponse]("rotate root init again")(sys.RotateRootInit(&api.RotateInitRequest{SecretShares: 3, SecretThreshold: 2}))
	told[*api.RotateUpdateResponse]("rotate root update")(sys.RotateRootUpdate("AA", "x"))
	told[*api.RotateVerificationStatusResponse]("rotate root verification")(sys.RotateRootVerificationStatus())
	told[*api.RotateVerificationUpdateResponse]("rotate root verification update")(sys.RotateRootVerificationUpdate("AA", "x"))
	done("rotate root verification cancel", sys.RotateRootVerificationCancel())
	told[*api.RotateRetrieveResponse]("rotate root backup")(sys.RotateRootRetrieveBackup())
	done("rotate root delete backup", sys.RotateRootDeleteBackup())
	done("rotate root cancel", sys.RotateRootCancel())
}

func monitored(client *api.Client) {
	context, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, err := client.Sys().Monitor(context, "nonsense", "standard")
	done("monitor with a wrong level", err)
	lines, err := client.Sys().Monitor(context, "debug", "json")
	done("monitor", err)
	if err != nil {
		return
	}
	done("mount while watched", client.Sys().Mount("watched", &api.MountInput{Type: "kv"}))
	for line := range lines {
		if strings.Contains(line, "watched") {
			tell("monitor's line", strings.Contains(line, `"@message"`), nil)
			break
		}
	}
	done("unmount while watched", client.Sys().Unmount("watched"))
}
