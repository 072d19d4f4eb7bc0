package main

import (
	"time"

	"github.com/openbao/openbao/api/v2"
)

func mounts(client *api.Client) {
	sys := client.Sys()
	done("mount", sys.Mount("one", &api.MountInput{Type: "kv", Description: "d", Config: api.MountConfigInput{DefaultLeaseTTL: "1h", MaxLeaseTTL: "2h"}, Options: map[string]string{"version": "1"}}))
	done("mount again", sys.Mount("one", &api.MountInput{Type: "kv"}))
	done("mount what there is not", sys.Mount("two", &api.MountInput{Type: "none"}))
	done("mount below sys", sys.Mount("sys/x", &api.MountInput{Type: "kv"}))
	told[map[string]*api.MountOutput]("list mounts")(sys.ListMounts())
	told[*api.MountConfigOutput]("mount config")(sys.MountConfig("one"))
	told[*api.MountOutput]("mount info")(sys.MountInfo("one"))
	told[*api.MountOutput]("mount info of nothing")(sys.MountInfo("none"))
	description := "tuned"
	no := true
	done("tune", sys.TuneMount("one", api.MountConfigInput{Description: &description, MaxLeaseTTL: "3h", ListingVisibility: "unauth", PassthroughRequestHeaders: []string{"X-A"}, AllowedResponseHeaders: []string{"X-B"}, AuditNonHMACRequestKeys: []string{"k"}}))
	done("tune to version 2", sys.TuneMount("one", api.MountConfigInput{Options: map[string]string{"version": "2"}}))
	told[*api.MountConfigOutput]("mount config, tuned")(sys.MountConfig("one"))
	done("tune wrongly", sys.TuneMount("one", api.MountConfigInput{MaxLeaseTTL: "nonsense"}))
	done("tune nothing", sys.TuneMount("none", api.MountConfigInput{MaxLeaseTTL: "1h"}))
	done("remount", sys.Remount("one", "moved"))
	started := told[*api.MountMigrationOutput]("start remount")(sys.StartRemount("moved", "moved-again"))
	if started != nil {
		for range 100 {
			status := must(sys.RemountStatus(started.MigrationID))
			if status.MigrationInfo.MigrationStatus == "success" {
				tell("remount status", status.MigrationInfo, nil)
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	told[*api.MountMigrationStatusOutput]("status of no remount")(sys.RemountStatus("none"))
	done("unmount", sys.Unmount("moved-again"))
	done("unmount nothing", sys.Unmount("none"))

	done("enable auth", sys.EnableAuthWithOptions("up", &api.EnableAuthOptions{Type: "userpass", Description: "d", Config: api.AuthConfigInput{TokenType: "batch", UserLockoutConfig: &api.UserLockoutConfigInput{LockoutThreshold: "3", LockoutDuration: "5m", DisableLockout: &no}}}))
	done("enable auth, the old way", sys.EnableAuth("ar", "approle", "d"))
	done("enable what there is not", sys.EnableAuth("x", "none", "d"))
	told[map[string]*api.AuthMount]("list auth")(sys.ListAuth())
	told[*api.MountConfigOutput]("auth config")(sys.MountConfig("auth/up"))
	done("tune auth", sys.TuneMount("auth/up", api.MountConfigInput{TokenType: "default-service", UserLockoutConfig: &api.UserLockoutConfigInput{LockoutThreshold: "5"}}))
	done("disable auth", sys.DisableAuth("up"))
	done("disable no auth", sys.DisableAuth("none"))
}

func namespaces(client *api.Client) {
	sys := client.Sys()
	told[map[string]*api.ListNamespaceOutput]("list namespaces of none")(sys.ListNamespaces())
	told[*api.CreateNamespaceOutput]("create namespace")(sys.CreateNamespace("ns", &api.CreateNamespaceInput{CustomMetadata: map[string]string{"a": "b"}}))
	told[*api.CreateNamespaceOutput]("create namespace of a wrong name")(sys.CreateNamespace("a b/c", &api.CreateNamespaceInput{}))
	told[*api.CreateNamespaceOutput]("create sealable namespace")(sys.CreateNamespace("sealed", &api.CreateNamespaceInput{Seal: `seal "shamir" { shares = 1 threshold = 1 }`}))
	told[*api.ReadNamespaceOutput]("read namespace")(sys.ReadNamespace("ns"))
	told[*api.ReadNamespaceOutput]("read no namespace")(sys.ReadNamespace("none"))
	told[*api.PatchNamespaceOutput]("patch namespace")(sys.PatchNamespace("ns", &api.PatchNamespaceInput{CustomMetadata: map[string]any{"a": nil, "c": "d"}}))
	told[map[string]*api.ListNamespaceOutput]("list namespaces")(sys.ListNamespaces())
	told[*api.NamespaceSealStatusOutput]("seal status of a namespace")(sys.NamespaceSealStatus("sealed"))
	done("seal namespace", sys.SealNamespace("sealed"))
	told[*api.NamespaceSealStatusOutput]("seal status of a sealed namespace")(sys.NamespaceSealStatus("sealed"))
	inside := client.WithNamespace("ns")
	done("mount inside", inside.Sys().Mount("kv", &api.MountInput{Type: "kv"}))
	told[map[string]*api.MountOutput]("list mounts inside")(inside.Sys().ListMounts())
	told[*api.Secret]("token inside")(inside.Auth().Token().Create(&api.TokenCreateRequest{Policies: []string{"default"}}))
	told[*api.HealthResponse]("health inside")(inside.Sys().Health())
	told[*api.Secret]("read in no namespace")(client.WithNamespace("none").Logical().Read("secret/data/a"))
	done("unmount inside", inside.Sys().Unmount("kv"))
	told[*api.DeleteNamespaceOutput]("delete namespace")(sys.DeleteNamespace("ns"))
	told[*api.DeleteNamespaceOutput]("delete no namespace")(sys.DeleteNamespace("none"))
}

func plugins(client *api.Client) {
	sys := client.Sys()
	told[*api.ListPluginsResponse]("list plugins")(sys.ListPlugins(&api.ListPluginsInput{}))
	told[*api.ListPluginsResponse]("list plugins of a type")(sys.ListPlugins(&api.ListPluginsInput{Type: api.PluginTypeSecrets}))
	told[*api.GetPluginResponse]("get plugin")(sys.GetPlugin(&api.GetPluginInput{Name: "kv", Type: api.PluginTypeSecrets}))
	told[*api.GetPluginResponse]("get no plugin")(sys.GetPlugin(&api.GetPluginInput{Name: "none", Type: api.PluginTypeSecrets}))
	done("register plugin", sys.RegisterPlugin(&api.RegisterPluginInput{Name: "x", Type: api.PluginTypeSecrets, Command: "x", SHA256: "00"}))
	done("deregister plugin", sys.DeregisterPlugin(&api.DeregisterPluginInput{Name: "x", Type: api.PluginTypeSecrets}))
	told[string]("reload plugin")(sys.ReloadPlugin(&api.ReloadPluginInput{Plugin: "kv"}))
	told[string]("reload plugin of a mount")(sys.ReloadPlugin(&api.ReloadPluginInput{Mounts: []string{"secret/"}}))
	told[string]("reload plugin, everywhere")(sys.ReloadPlugin(&api.ReloadPluginInput{Plugin: "kv", Scope: "global"}))
	told[*api.ReloadStatusResponse]("status of a reload")(sys.ReloadPluginStatus(&api.ReloadPluginStatusInput{ReloadID: "none"}))
}
