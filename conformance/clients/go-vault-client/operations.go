package main

import (
	"context"
	"net/http"
	"time"

	vault "github.com/hashicorp/vault-client-go"
)

// operations is what was generated from an API's description: a function an operation, at the default mounts.
func operations(address string) []any {
	never := func(context.Context, *http.Response, error) (bool, error) { return false, nil }
	client, err := vault.New(
		vault.WithAddress(address),
		vault.WithRequestTimeout(30*time.Second),
		vault.WithRetryConfiguration(vault.RetryConfiguration{CheckRetry: never}),
	)
	if err != nil {
		panic(err)
	}
	if err := client.SetToken("root"); err != nil {
		panic(err)
	}
	mount := func(path string, body map[string]any) {
		if _, err := client.Write(context.Background(), path, body); err != nil {
			panic(err)
		}
	}
	for _, kind := range []string{"kubernetes", "database", "pki", "rabbitmq", "ssh", "totp", "transit"} {
		mount("sys/mounts/"+kind, map[string]any{"type": kind})
	}
	for _, version := range []string{"1", "2"} {
		mount("sys/mounts/kv-v"+version, map[string]any{"type": "kv", "options": map[string]any{"version": version}})
	}
	for _, kind := range []string{"approle", "cert", "jwt", "kubernetes", "userpass"} {
		mount("sys/auth/"+kind, map[string]any{"type": kind})
	}
	return []any{&client.Auth, &client.Identity, &client.Secrets, &client.System}
}
