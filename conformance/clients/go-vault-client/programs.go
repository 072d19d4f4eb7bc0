package main

import "github.com/hashicorp/vault/api"

// programs is the client that the programs of that world are written with: consul-template, Terraform's provider, sops.
func programs(address string) []any {
	configuration := api.DefaultConfig()
	configuration.Address = address
	configuration.MaxRetries = 0
	client, err := api.NewClient(configuration)
	if err != nil {
		panic(err)
	}
	client.SetToken("root")
	for _, path := range []string{"ssh", "kv"} {
		if err := client.Sys().Mount(path, &api.MountInput{Type: path}); err != nil {
			panic(err)
		}
	}
	return []any{
		client.Sys(), client.Logical(), client.Auth().Token(), client.KVv1("kv"), client.KVv2("secret"), client.SSH(),
	}
}
