// What programs that keep their keys in transit do with it, through the libraries they do it with.
package main

import (
	"bytes"
	"context"
	"crypto"
	"fmt"
	"os"
	"strings"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
	kms "github.com/hashicorp/go-kms-wrapping/wrappers/transit/v2"
	"github.com/hashicorp/vault/api"
	"github.com/hashicorp/vault/api/auth/approle"
	"github.com/hashicorp/vault/api/auth/userpass"
	"github.com/sigstore/sigstore/pkg/signature"
	sigstore "github.com/sigstore/sigstore/pkg/signature/kms/hashivault"
	"github.com/sigstore/sigstore/pkg/signature/options"
	"github.com/tink-crypto/tink-go-hcvault/v2/integration/hcvault"
	gocloud "gocloud.dev/secrets/hashivault"
)

var background = context.Background()

// must is for what has to come out well.
func must[T any](result T, err error) T {
	check(err)
	return result
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// refused is for what has to fail; the server's answer is compared on the wire.
func refused(err error) {
	if err == nil {
		panic("nobody refused it")
	}
}

func equal(got, wanted []byte) {
	if !bytes.Equal(got, wanted) {
		panic(fmt.Sprintf("%q is not %q", got, wanted))
	}
}

func client(token string) *api.Client {
	made := must(api.NewClient(&api.Config{Address: os.Getenv("BAO_ADDR")}))
	made.SetMaxRetries(0)
	made.SetToken(token)
	return made
}

// logins are those of HashiCorp's packages for AppRole and userpass; they return a client with the token.
func logins(root *api.Client) *api.Client {
	write(root, "sys/policies/acl/keys", map[string]any{"policy": `path "transit/*" { capabilities = ["create", "read", "update", "list"] }`})
	write(root, "sys/auth/approle", map[string]any{"type": "approle"})
	write(root, "auth/approle/role/keeper", map[string]any{"token_policies": "keys", "token_ttl": "1h"})
	role := must(root.Logical().Read("auth/approle/role/keeper/role-id")).Data["role_id"].(string)
	secret := must(root.Logical().Write("auth/approle/role/keeper/secret-id", nil)).Data["secret_id"].(string)
	root.SetWrappingLookupFunc(func(string, string) string { return "1m" })
	wrappedSecret := must(root.Logical().Write("auth/approle/role/keeper/secret-id", nil)).WrapInfo.Token
	root.SetWrappingLookupFunc(nil)

	bare := client("")
	login := must(approle.NewAppRoleAuth(role, &approle.SecretID{FromString: secret}))
	must(bare.Auth().Login(background, login))
	unwrapping := must(approle.NewAppRoleAuth(role, &approle.SecretID{FromString: wrappedSecret}, approle.WithWrappingToken()))
	must(client("").Auth().Login(background, unwrapping))
	_, err := client("").Auth().Login(background, unwrapping)
	refused(err)
	wrong := must(approle.NewAppRoleAuth(role, &approle.SecretID{FromString: "wrong"}))
	_, err = client("").Auth().Login(background, wrong)
	refused(err)

	write(root, "sys/auth/userpass", map[string]any{"type": "userpass"})
	write(root, "auth/userpass/users/ann", map[string]any{"password": "secret", "token_policies": "keys"})
	ann := must(userpass.NewUserpassAuth("ann", &userpass.Password{FromString: "secret"}))
	must(client("").Auth().Login(background, ann))
	stranger := must(userpass.NewUserpassAuth("ann", &userpass.Password{FromString: "wrong"}))
	_, err = client("").Auth().Login(background, stranger)
	refused(err)
	return bare
}

func write(root *api.Client, path string, data map[string]any) {
	must(root.Logical().Write(path, data))
}

func sealWrapping(token string) {
	wrapper := kms.NewWrapper()
	config := func(key string) []wrapping.Option {
		return []wrapping.Option{wrapping.WithConfigMap(map[string]string{
			"address": os.Getenv("BAO_ADDR"), "token": token, "mount_path": "transit/", "key_name": key,
			// It would renew the token at any time between two other requests.
			"disable_renewal": "true",
		})}
	}
	must(wrapper.SetConfig(background, config("wrapped")...))
	sealed := must(wrapper.Encrypt(background, []byte("a root key")))
	equal(must(wrapper.Decrypt(background, sealed)), []byte("a root key"))
	// Another letter of the alphabet: what is no base64 is refused in other words.
	letter := &sealed.Ciphertext[len(sealed.Ciphertext)-6]
	if *letter == 'A' {
		*letter = 'B'
	} else {
		*letter = 'A'
	}
	_, err := wrapper.Decrypt(background, sealed)
	refused(err)
	check(wrapper.Finalize(background))
}

func goCloud(keeper *api.Client) {
	for _, key := range []string{"cloud", "made-by-encrypting"} {
		opened := gocloud.OpenKeeper(keeper, key, nil)
		sealed := must(opened.Encrypt(background, []byte("text")))
		equal(must(opened.Decrypt(background, sealed)), []byte("text"))
		equal(must(opened.Decrypt(background, must(opened.Encrypt(background, nil)))), nil)
		_, err := opened.Decrypt(background, []byte("nonsense"))
		refused(err)
		check(opened.Close())
	}
	elsewhere := gocloud.OpenKeeper(keeper, "cloud", &gocloud.KeeperOptions{Engine: "nowhere"})
	_, err := elsewhere.Encrypt(background, []byte("text"))
	refused(err)
}

func tink(root, keeper *api.Client) {
	write(root, "transit/keys/derived", map[string]any{"derived": true})
	for _, key := range []string{"plain", "derived"} {
		cipher := must(hcvault.NewAEAD("/transit/keys/"+key, keeper.Logical()))
		for _, associated := range [][]byte{[]byte("context"), nil} {
			sealed, err := cipher.Encrypt([]byte("text"), associated)
			if err != nil {
				continue
			}
			equal(must(cipher.Decrypt(sealed, associated)), []byte("text"))
			_, err = cipher.Decrypt(sealed, []byte("another context"))
			refused(err)
		}
	}
}

func signing(root *api.Client, token string) {
	algorithms := []string{
		sigstore.AlgorithmECDSAP256, sigstore.AlgorithmECDSAP384, sigstore.AlgorithmECDSAP521,
		sigstore.AlgorithmED25519, sigstore.AlgorithmRSA2048,
	}
	message := []byte("a message")
	for _, algorithm := range algorithms {
		authorised := options.WithRPCAuthOpts(options.RPCAuth{Address: os.Getenv("BAO_ADDR"), Token: token})
		for _, hash := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
			signer := must(sigstore.LoadSignerVerifier("hashivault://"+algorithm, hash, authorised))
			public := must(signer.CreateKey(background, algorithm))
			// Not every kind of key goes with every hash; then the answers are what counts.
			signed, err := signer.SignMessage(bytes.NewReader(message))
			if err != nil || signer.VerifySignature(bytes.NewReader(signed), bytes.NewReader(message)) != nil {
				continue
			}
			refused(signer.VerifySignature(bytes.NewReader(signed), bytes.NewReader([]byte("another"))))
			if strings.HasPrefix(algorithm, "ecdsa") {
				verifier := must(signature.LoadVerifier(public, hash))
				check(verifier.VerifySignature(bytes.NewReader(signed), bytes.NewReader(message)))
			}
		}
		write(root, "transit/keys/"+algorithm+"/rotate", nil)
		signer := must(sigstore.LoadSignerVerifier("hashivault://"+algorithm, crypto.SHA256, authorised))
		must(signer.SignMessage(bytes.NewReader([]byte("an older one")), options.WithKeyVersion("1")))
		_, err := signer.SignMessage(bytes.NewReader(message), options.WithKeyVersion("7"))
		refused(err)
	}
}

func main() {
	root := client("root")
	write(root, "sys/mounts/transit", map[string]any{"type": "transit"})
	keeper := logins(root)
	sealWrapping(keeper.Token())
	goCloud(keeper)
	tink(root, keeper)
	signing(root, keeper.Token())
}
