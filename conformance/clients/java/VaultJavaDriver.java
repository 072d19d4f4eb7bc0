import io.github.jopenlibs.vault.Vault;
import io.github.jopenlibs.vault.VaultConfig;
import io.github.jopenlibs.vault.VaultException;
import io.github.jopenlibs.vault.api.Auth.TokenRequest;
import io.github.jopenlibs.vault.api.pki.CredentialFormat;
import io.github.jopenlibs.vault.api.pki.RoleOptions;
import io.github.jopenlibs.vault.api.sys.mounts.MountPayload;
import io.github.jopenlibs.vault.api.sys.mounts.MountType;
import io.github.jopenlibs.vault.api.sys.mounts.TimeToLive;
import io.github.jopenlibs.vault.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** The driver that BetterCloud began: key-values, mounts, tokens, wrapping, logins, certificates, leases. */
final class VaultJavaDriver {
  private final String address;
  private final Vault vault;

  private VaultJavaDriver(String address) throws VaultException {
    this.address = address;
    vault = as("root");
  }

  static void play(String address) throws VaultException {
    VaultJavaDriver client = new VaultJavaDriver(address);
    client.system();
    client.keyValues();
    client.tokens();
    client.logins();
    client.certificates();
    client.leases();
  }

  private Vault as(String token) throws VaultException {
    var config = new VaultConfig().address(address).token(token).engineVersion(2);
    return Vault.create(config.putSecretsEngineVersionForPath("old/", "1").build());
  }

  private void system() {
    Told.told("health", () -> vault.debug().health().getRestResponse().getStatus());
    Told.told("health", () -> vault.debug().health(true, true, 299, 429, 501, 503, 472, 473));
    Told.told("seal", () -> vault.seal().sealStatus());
    Told.told("unseal", () -> vault.seal().unseal("abcd", true));
    var mounts = vault.mounts();
    var payload =
        new MountPayload()
            .description("one")
            .defaultLeaseTtl(TimeToLive.of(2, TimeUnit.HOURS))
            .maxLeaseTtl(TimeToLive.of(10, TimeUnit.HOURS));
    Told.told("enable", () -> mounts.enable("old", MountType.KEY_VALUE, payload));
    for (MountType type : MountType.values()) {
      // An intended difference: 2.7.2 has it as a plugin of its own.
      if (type == MountType.AWS) continue;
      Told.told("enable", () -> mounts.enable("of-" + type.value(), type, new MountPayload().description("one")));
    }
    Told.told("list", () -> mounts.list().getMounts().size());
    for (String path : List.of("old", "of-pki", "not-there")) {
      Told.told("read", () -> mounts.read(path));
      var tuned = new MountPayload().defaultLeaseTtl(TimeToLive.of(12, TimeUnit.HOURS)).description("tuned");
      Told.told("tune", () -> mounts.tune(path, tuned));
    }
    Told.told("disable", () -> mounts.disable("of-totp"));
    Told.told("disable", () -> mounts.disable("not-there"));
  }

  private void keyValues() {
    for (String mount : List.of("secret", "old")) {
      var logical = vault.logical();
      Map<String, Object> odd = Map.of("text", "ä \" <>", "number", 12, "null", "", "list", List.of("a", 2));
      Told.told("write", () -> logical.write(mount + "/a/b", odd));
      Told.told("write", () -> logical.write(mount + "/a/b", Map.of("key", "value")));
      Told.told("write", () -> logical.write(mount + "/spaced out/ü", Map.of("key", "value")));
      for (String path : List.of("a/b", "spaced out/ü", "not/there", "a"))
        Told.told("read", () -> logical.read(mount + "/" + path).getData());
      Told.told("read", () -> logical.read(mount + "/a/b", true, 1).getData());
      for (String path : List.of("", "a", "not"))
        Told.told("list", () -> logical.list(mount + "/" + path).getListData());
      Told.told("delete", () -> logical.delete(mount + "/a/b"));
      Told.told("delete", () -> logical.delete(mount + "/a/b", new int[] {1}));
      Told.told("undelete", () -> logical.unDelete(mount + "/a/b", new int[] {1, 2}));
      Told.told("destroy", () -> logical.destroy(mount + "/a/b", new int[] {1}));
      Told.told("read", () -> logical.read(mount + "/a/b", true, 1).getData());
      Told.told("upgrade", () -> logical.upgrade(mount));
    }
  }

  private void tokens() {
    Told.told("lookup", () -> vault.auth().lookupSelf().getPolicies());
    var asked =
        new TokenRequest()
            .id(UUID.fromString("11111111-2222-3333-4444-555555555555"))
            .polices(List.of("default"))
            .meta(Map.of("key", "value"))
            .noDefaultPolicy(true)
            .ttl("1h")
            .displayName("a name")
            .numUses(9L)
            .renewable(true)
            .type("service")
            .explicitMaxTtl("3h");
    Told.told("create", () -> vault.auth().createToken(asked).getAuthPolicies());
    var of = new TokenRequest().noParent(true).role("not-there").period("1h");
    Told.told("create", () -> vault.auth().createToken(of));
    Told.told("create", () -> vault.auth().createToken(new TokenRequest().type("batch").ttl("1m")).getAuthPolicies());
    Vault own = vaultOf("11111111-2222-3333-4444-555555555555");
    Told.told("renew", () -> own.auth().renewSelf().getAuthLeaseDuration());
    Told.told("renew", () -> own.auth().renewSelf(20).getAuthLeaseDuration());
    Told.told("lookup", () -> own.auth().lookupSelf().getTTL());
    Told.told("revoke", () -> { own.auth().revokeSelf(); return ""; });
    Told.told("lookup", () -> own.auth().lookupSelf());
    Told.told("wrap", () -> {
      var wrapped = vault.auth().wrap(new JsonObject().add("key", "value"), 60);
      vault.auth().lookupWrap(wrapped.getToken(), false);
      var again = vault.auth().rewrap(wrapped.getToken());
      Told.told("gone", () -> vault.auth().unwrap(wrapped.getToken(), false));
      vaultOf(again.getToken()).auth().lookupWrap();
      return vaultOf(again.getToken()).auth().unwrap().getData();
    });
    Told.told("unwrap", () -> vault.auth().unwrap("not-there"));
    Told.told("lookup", () -> vault.auth().lookupWrap("not-there"));
  }

  private Vault vaultOf(String token) {
    try {
      return as(token);
    } catch (VaultException error) {
      throw new IllegalStateException(error);
    }
  }

  private void logins() {
    Vault raw = rawVault();
    for (String type : List.of("userpass", "approle"))
      Told.told("auth", () -> raw.logical().write("sys/auth/" + type, Map.of("type", type)));
    Told.told("user", () -> raw.logical().write("auth/userpass/users/walter", Map.of("password", "white")));
    Told.told("login", () -> vault.auth().loginByUserPass("walter", "white").getUsername());
    Told.told("login", () -> vault.auth().loginByUserPass("walter", "black"));
    Told.told("login", () -> vault.auth().loginByUserPass("walter", "white", "elsewhere"));
    Told.told("role", () -> raw.logical().write("auth/approle/role/app", Map.of("token_ttl", "5m")));
    Told.told("login", () -> {
      String id = raw.logical().read("auth/approle/role/app/role-id").getData().get("role_id");
      String secret = raw.logical().write("auth/approle/role/app/secret-id", Map.of()).getData().get("secret_id");
      Told.told("login", () -> vault.auth().loginByAppRole(id, "wrong"));
      return vault.auth().loginByAppRole(id, secret).getAuthPolicies();
    });
    Told.told("login", () -> vault.auth().loginByJwt("jwt", "role", "no token"));
    Told.told("login", () -> vault.auth().loginByKubernetes("role", "no token"));
    Told.told("login", () -> vault.auth().loginByLDAP("walter", "white"));
    Told.told("login", () -> vault.auth().loginByCert());
  }

  private Vault rawVault() {
    try {
      return Vault.create(new VaultConfig().address(address).token("root").engineVersion(1).build());
    } catch (VaultException error) {
      throw new IllegalStateException(error);
    }
  }

  private void certificates() {
    Vault raw = rawVault();
    Map<String, Object> root = Map.of("common_name", "root", "key_type", "ec", "ttl", "1000h");
    Told.told("root", () -> raw.logical().write("of-pki/root/generate/internal", root).getData().keySet());
    var pki = vault.pki("of-pki");
    var options =
        new RoleOptions()
            .allowedDomains(List.of("example.com"))
            .allowSubdomains(true)
            .allowSpiffeName(true)
            .allowBareDomains(true)
            .allowLocalhost(false)
            .clientFlag(true)
            .codeSigningFlag(false)
            .emailProtectionFlag(false)
            .keyType("ec")
            .keyBits(256L)
            .ttl("9h")
            .maxTtl("10h");
    Told.told("role", () -> pki.createOrUpdateRole("web", options));
    Told.told("role", () -> pki.createOrUpdateRole("plain"));
    for (String name : List.of("web", "plain", "not-there")) Told.told("role", () -> pki.getRole(name));
    for (CredentialFormat format : CredentialFormat.values())
      Told.told("issue", () -> {
        var issued = pki.issue("web", "www.example.com", List.of("a.example.com"), List.of(), "1h", format);
        return issued.getCredential().getSerialNumber();
      });
    Told.told("issue", () -> pki.issue("web", "www.example.org", null, null, null, null));
    Told.told("issue", () -> pki.issue("web", "www.example.com", null, List.of("127.0.0.1"), "99h", null));
    Told.told("revoke", () -> {
      var issued = pki.issue("web", "www.example.com", null, null, null, null);
      return pki.revoke(issued.getCredential().getSerialNumber());
    });
    Told.told("revoke", () -> pki.revoke("11:22"));
    Told.told("delete", () -> pki.deleteRole("plain"));
    Told.told("delete", () -> pki.deleteRole("not-there"));
  }

  private void leases() {
    Told.told("renew", () -> vault.leases().renew("not/there", 100));
    Told.told("revoke", () -> vault.leases().revoke("not/there"));
    Told.told("revoke", () -> vault.leases().revokePrefix("not/there"));
    Told.told("revoke", () -> vault.leases().revokeForce("not/there"));
    var database = vault.database("of-database");
    Told.told("role", () -> database.getRole("not-there"));
    Told.told("creds", () -> database.creds("not-there"));
    Told.told("delete", () -> database.deleteRole("not-there"));
  }
}
