package main

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/openbao/openbao/api/v2"
)

func keyValues(client *api.Client) {
	ctx := context.Background()
	kv := client.KVv2("secret")
	told[*api.KVSecret]("kv get nothing")(kv.Get(ctx, "a"))
	told[*api.KVSecret]("kv put")(kv.Put(ctx, "a", map[string]any{"k": "v", "n": 12345678901234567}))
	told[*api.KVSecret]("kv put, compared")(kv.Put(ctx, "a", map[string]any{"k": "w"}, api.WithCheckAndSet(1)))
	told[*api.KVSecret]("kv put, compared wrongly")(kv.Put(ctx, "a", map[string]any{"k": "w"}, api.WithCheckAndSet(1)))
	told[*api.KVSecret]("kv get")(kv.Get(ctx, "a"))
	told[*api.KVSecret]("kv get a version")(kv.GetVersion(ctx, "a", 1))
	told[*api.KVSecret]("kv get no version")(kv.GetVersion(ctx, "a", 9))
	told[[]api.KVVersionMetadata]("kv versions")(kv.GetVersionsAsList(ctx, "a"))
	told[*api.KVSecret]("kv patch")(kv.Patch(ctx, "a", map[string]any{"p": 1}))
	told[*api.KVSecret]("kv patch by reading and writing")(kv.Patch(ctx, "a", map[string]any{"q": 1}, api.WithMergeMethod("rw")))
	told[*api.KVSecret]("kv patch nothing")(kv.Patch(ctx, "none", map[string]any{"q": 1}))
	done("kv put metadata", kv.PutMetadata(ctx, "a", api.KVMetadataPutInput{CASRequired: true, CustomMetadata: map[string]any{"a": "b"}, DeleteVersionAfter: time.Hour, MaxVersions: 5}))
	no := false
	done("kv patch metadata", kv.PatchMetadata(ctx, "a", api.KVMetadataPatchInput{CASRequired: &no, CustomMetadata: map[string]any{"c": "d"}}))
	told[*api.KVMetadata]("kv metadata")(kv.GetMetadata(ctx, "a"))
	done("kv delete", kv.Delete(ctx, "a"))
	told[*api.KVSecret]("kv get deleted")(kv.Get(ctx, "a"))
	done("kv delete versions", kv.DeleteVersions(ctx, "a", []int{1, 2}))
	done("kv undelete", kv.Undelete(ctx, "a", []int{1}))
	done("kv destroy", kv.Destroy(ctx, "a", []int{2}))
	told[*api.KVSecret]("kv rollback")(kv.Rollback(ctx, "a", 1))
	told[*api.KVSecret]("kv rollback to nothing")(kv.Rollback(ctx, "a", 2))
	told[*api.KVSecret]("kv put below")(kv.Put(ctx, "b/c/d", map[string]any{"k": "v"}))
	told[*api.KVList]("kv list")(kv.List(ctx, ""))
	told[*api.KVList]("kv list nothing")(kv.List(ctx, "none"))
	told[*api.KVList]("kv scan")(kv.Scan(ctx, ""))
	told[*api.KVList]("kv list with details")(kv.ListWithDetails(ctx, ""))
	told[*api.KVList]("kv scan with details")(kv.ScanWithDetails(ctx, ""))
	done("kv delete metadata", kv.DeleteMetadata(ctx, "a"))

	done("mount kv 1", client.Sys().Mount("kv1", &api.MountInput{Type: "kv"}))
	old := client.KVv1("kv1")
	done("kv 1 put", old.Put(ctx, "a", map[string]any{"k": "v", "ttl": "30m"}))
	done("kv 1 put below", old.Put(ctx, "b/c", map[string]any{"k": "v"}))
	told[*api.KVSecret]("kv 1 get")(old.Get(ctx, "a"))
	told[*api.KVSecret]("kv 1 get nothing")(old.Get(ctx, "none"))
	told[*api.KVList]("kv 1 list")(old.List(ctx, ""))
	told[*api.KVList]("kv 1 scan")(old.Scan(ctx, ""))
	done("kv 1 delete", old.Delete(ctx, "a"))
}

func logical(client *api.Client) {
	all := client.Logical()
	told[*api.Secret]("read nothing")(all.Read("secret/data/none"))
	told[*api.Secret]("read where nothing is mounted")(all.Read("none/x"))
	told[*api.Secret]("read with data")(all.ReadWithData("secret/data/b/c/d", map[string][]string{"version": {"1"}}))
	told[*api.Secret]("list a page")(all.ListPage("secret/metadata/b", "", 1))
	told[*api.Secret]("list after")(all.ListPage("secret/metadata/b", "c/", -1))
	told[*api.Secret]("scan a page")(all.ScanPage("secret/metadata", "", 1))
	told[*api.Secret]("write bytes")(all.WriteBytes("secret/data/bytes", []byte(`{"data":{"a":1}}`)))
	told[*api.Secret]("write bytes that are no JSON")(all.WriteBytes("secret/data/bytes", []byte(`{"data"`)))
	told[*api.Secret]("merge patch")(all.JSONMergePatch(context.Background(), "secret/data/bytes", map[string]any{"data": map[string]any{"b": nil, "c": 2}}))
	told[*api.Secret]("merge patch where there is no patch")(all.JSONMergePatch(context.Background(), "sys/mounts/x", map[string]any{"a": 1}))
	told[*api.Secret]("delete with data")(all.DeleteWithData("secret/data/bytes", map[string][]string{"a": {"b"}}))
	raw, err := all.ReadRaw("sys/leader")
	done("read raw", err)
	if err == nil {
		body := must(io.ReadAll(raw.Body))
		tell("raw", map[string]any{"status": raw.StatusCode, "type": raw.Header.Get("Content-Type"), "cache": raw.Header.Get("Cache-Control"), "length": len(body) > 0}, nil)
	}

	told[*api.Secret]("cubbyhole")(all.Write("cubbyhole/a", map[string]any{"k": "v"}))
	told[*api.Secret]("cubbyhole list")(all.List("cubbyhole"))
	wrapping := must(client.Clone())
	wrapping.SetToken(client.Token())
	wrapping.SetWrappingLookupFunc(func(operation, path string) string { return "5m" })
	wrapped := told[*api.Secret]("wrapped read")(wrapping.Logical().Read("secret/data/b/c/d"))
	told[*api.Secret]("wrapping lookup")(all.Write("sys/wrapping/lookup", map[string]any{"token": wrapped.WrapInfo.Token}))
	rewrapped := told[*api.Secret]("rewrap")(all.Write("sys/wrapping/rewrap", map[string]any{"token": wrapped.WrapInfo.Token}))
	told[*api.Secret]("unwrap")(all.Unwrap(rewrapped.WrapInfo.Token))
	told[*api.Secret]("unwrap again")(all.Unwrap(rewrapped.WrapInfo.Token))
	token := told[*api.Secret]("wrapped token")(wrapping.Auth().Token().Create(&api.TokenCreateRequest{Policies: []string{"default"}}))
	holder := must(client.Clone())
	holder.SetToken(token.WrapInfo.Token)
	told[*api.Secret]("unwrap by the wrapping token itself")(holder.Logical().Unwrap(""))
	told[*api.Secret]("wrapped failure")(wrapping.Logical().Read("none/x"))
	told[*api.Secret]("wrapped list")(wrapping.Logical().List("secret/metadata"))

	auth := must(client.Clone())
	auth.SetToken("")
	told[*api.Secret]("no token")(auth.Logical().Read("secret/data/b/c/d"))
	told[*api.Secret]("wrong password")(auth.Logical().Write("auth/ar/login", map[string]any{"role_id": "x"}))
	quota := map[string]any{"rate": 1, "interval": "1h", "path": "kv1/"}
	told[*api.Secret]("quota")(all.Write("sys/quotas/rate-limit/q", quota))
	told[*api.Secret]("within the rate")(all.Read("kv1/b/c"))
	told[*api.Secret]("beyond the rate")(all.Read("kv1/b/c"))
	told[*api.Secret]("no quota")(all.Delete("sys/quotas/rate-limit/q"))
}

func ssh(client *api.Client) {
	done("mount ssh", client.Sys().Mount("ssh", &api.MountInput{Type: "ssh"}))
	all := client.Logical()
	_, err := all.Write("ssh/config/ca", map[string]any{"generate_signing_key": true, "key_type": "ed25519"})
	done("ssh ca", err)
	told[*api.Secret]("ssh otp role")(all.Write("ssh/roles/otp", map[string]any{"key_type": "otp", "default_user": "u", "cidr_list": "127.0.0.0/8"}))
	told[*api.Secret]("ssh ca role")(all.Write("ssh/roles/ca", map[string]any{"key_type": "ca", "allow_user_certificates": true, "allowed_users": "*", "default_user": "u"}))
	credential := told[*api.Secret]("ssh credential")(client.SSH().Credential("otp", map[string]any{"ip": "127.0.0.1"}))
	told[*api.Secret]("ssh credential of a wrong address")(client.SSH().Credential("otp", map[string]any{"ip": "10.0.0.1"}))
	told[*api.Secret]("ssh sign nothing")(client.SSH().SignKey("ca", map[string]any{}))
	key := "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPmmNbX2i7oJRkPvMs8CfRhz0k3TWLtx2GMmXNXn6zcr"
	signed, err := client.SSH().SignKey("ca", map[string]any{"public_key": key})
	tell("ssh sign", strings.HasPrefix(signed.Data["signed_key"].(string), "ssh-ed25519-cert-v01@openssh.com "), err)
	helper := client.SSHHelper()
	told[*api.SSHVerifyResponse]("ssh helper's echo")(helper.Verify("verify-echo-request"))
	told[*api.SSHVerifyResponse]("ssh helper")(helper.Verify(credential.Data["key"].(string)))
	told[*api.SSHVerifyResponse]("ssh helper again")(helper.Verify(credential.Data["key"].(string)))
	told[*api.SSHVerifyResponse]("ssh helper of another mount")(client.SSHHelperWithMountPoint("none").Verify("x"))
}

// watchers renew what ends until it ends.
func watchers(client *api.Client) {
	yes := true
	secret := must(client.Auth().Token().Create(&api.TokenCreateRequest{Policies: []string{"default"}, TTL: "2s", ExplicitMaxTTL: "4s", Renewable: &yes}))
	watcher := must(client.NewLifetimeWatcher(&api.LifetimeWatcherInput{Secret: secret}))
	go watcher.Start()
	renewals := 0
	for {
		select {
		case <-watcher.RenewCh():
			renewals++
		case err := <-watcher.DoneCh():
			done("watched to its end", err)
			tell("renewed", renewals > 0, nil)
			return
		}
	}
}
