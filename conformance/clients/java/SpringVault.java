import static org.springframework.vault.core.VaultKeyValueOperationsSupport.KeyValueBackend.KV_1;
import static org.springframework.vault.core.VaultKeyValueOperationsSupport.KeyValueBackend.KV_2;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpEntity;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.vault.authentication.AppRoleAuthentication;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions.RoleId;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions.SecretId;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.vault.authentication.CubbyholeAuthentication;
import org.springframework.vault.authentication.CubbyholeAuthenticationOptions;
import org.springframework.vault.authentication.LifecycleAwareSessionManager;
import org.springframework.vault.authentication.SimpleSessionManager;
import org.springframework.vault.authentication.TokenAuthentication;
import org.springframework.vault.authentication.UsernamePasswordAuthentication;
import org.springframework.vault.authentication.UsernamePasswordAuthenticationOptions;
import org.springframework.vault.client.RestTemplateBuilder;
import org.springframework.vault.client.VaultEndpoint;
import org.springframework.vault.core.VaultPkiOperations.Encoding;
import org.springframework.vault.core.VaultTemplate;
import org.springframework.vault.core.lease.SecretLeaseContainer;
import org.springframework.vault.core.lease.domain.RequestedSecret;
import org.springframework.vault.support.Ciphertext;
import org.springframework.vault.support.Plaintext;
import org.springframework.vault.support.Policy;
import org.springframework.vault.support.Policy.BuiltinCapabilities;
import org.springframework.vault.support.Policy.Rule;
import org.springframework.vault.support.TransitKeyType;
import org.springframework.vault.support.VaultCertificateRequest;
import org.springframework.vault.support.VaultHmacRequest;
import org.springframework.vault.support.VaultInitializationRequest;
import org.springframework.vault.support.VaultMetadataRequest;
import org.springframework.vault.support.VaultMount;
import org.springframework.vault.support.VaultResponse;
import org.springframework.vault.support.VaultSignRequest;
import org.springframework.vault.support.VaultSignatureVerificationRequest;
import org.springframework.vault.support.VaultToken;
import org.springframework.vault.support.VaultTokenRequest;
import org.springframework.vault.support.VaultTokenResponse;
import org.springframework.vault.support.VaultTransitContext;
import org.springframework.vault.support.VaultTransitKeyConfiguration;
import org.springframework.vault.support.VaultTransitKeyCreationRequest;
import org.springframework.vault.support.Versioned.Version;
import org.springframework.web.client.RestTemplate;

/** Spring's client: all operations of VaultTemplate, its ways to log in, and what keeps sessions and leases. */
final class SpringVault {
  private static final List<String> KEY_TYPES =
      List.of(
          "aes128-gcm96",
          "aes256-gcm96",
          "chacha20-poly1305",
          "xchacha20-poly1305",
          "ed25519",
          "ecdsa-p256",
          "ecdsa-p521",
          "rsa-2048",
          "hmac",
          "none");

  private final VaultEndpoint endpoint;
  private final JdkClientHttpRequestFactory requests = new JdkClientHttpRequestFactory();
  private final RestTemplate plain;
  private final ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
  private final VaultTemplate vault;

  private SpringVault(String address) {
    endpoint = VaultEndpoint.from(URI.create(address));
    plain = RestTemplateBuilder.builder().endpoint(endpoint).requestFactory(requests).build();
    vault = as(new TokenAuthentication("root"));
    scheduler.initialize();
  }

  static void play(String address) {
    SpringVault client = new SpringVault(address);
    client.system();
    client.keyValues();
    client.transit();
    client.pki();
    client.tokens();
    client.wrapping();
    client.logins();
    client.sessions();
    client.leases();
    client.scheduler.shutdown();
  }

  private VaultTemplate as(ClientAuthentication login) {
    return new VaultTemplate(endpoint, requests, new SimpleSessionManager(login));
  }

  private void system() {
    var sys = vault.opsForSys();
    Told.told("initialized", sys::isInitialized);
    Told.told("initialize", () -> sys.initialize(VaultInitializationRequest.create(5, 3)));
    Told.told("unseal status", sys::getUnsealStatus);
    Told.told("unseal", () -> sys.unseal("abcd"));
    Told.told("health", sys::health);
    Told.told("mounts", sys::getMounts);
    Told.told("auth mounts", sys::getAuthMounts);
    Map<String, Object> config = Map.of("default_lease_ttl", "1h", "max_lease_ttl", "10h");
    var old = VaultMount.builder().type("kv").options(Map.of("version", "1")).description("old").config(config);
    mount("kv1", old.build());
    mount("kv1", VaultMount.create("kv"));
    mount("nothing", VaultMount.create("nothing"));
    mount("transit", VaultMount.create("transit"));
    mount("pki", VaultMount.builder().type("pki").config(Map.of("max_lease_ttl", "87600h")).build());
    Told.told("unmount what is not", () -> done(() -> sys.unmount("not-there")));
    for (String type : List.of("approle", "userpass", "cert"))
      Told.told("auth mount", () -> done(() -> sys.authMount(type, VaultMount.create(type))));
    Told.told("mounts", sys::getMounts);
    Told.told("auth mounts", sys::getAuthMounts);
    Rule reads =
        Rule.builder().path("secret/*").capability(BuiltinCapabilities.READ).capabilities("list", "create").build();
    Rule wrapped =
        Rule.builder()
            .path("transit/*")
            .capabilities("read", "update")
            .minWrappingTtl(Duration.ofSeconds(10))
            .maxWrappingTtl(Duration.ofMinutes(2))
            .allowedParameter("plaintext")
            .deniedParameter("context", "a", "b")
            .build();
    Told.told("policy", () -> done(() -> sys.createOrUpdatePolicy("both", Policy.of(reads, wrapped))));
    Told.told("policy", () -> done(() -> sys.createOrUpdatePolicy("empty", Policy.empty())));
    for (String name : List.of("both", "empty", "default", "not-there"))
      Told.told("policy " + name, () -> sys.getPolicy(name));
    Told.told("policies", sys::getPolicyNames);
    Told.told("delete", () -> done(() -> sys.deletePolicy("empty")));
    Told.told("unmount", () -> done(() -> sys.authUnmount("cert")));
  }

  private void mount(String path, VaultMount mount) {
    Told.told("mount " + path, () -> done(() -> vault.opsForSys().mount(path, mount)));
  }

  private void keyValues() {
    var one = vault.opsForKeyValue("kv1", KV_1);
    var odd = Map.of("text", "ä \" <>", "number", 12.5, "list", List.of(1, "two"));
    Told.told("put", () -> done(() -> one.put("a/b", odd)));
    for (String path : List.of("a/b", "a", "not/there", "/a/b")) Told.told("get " + path, () -> one.get(path));
    for (String path : List.of("a", "a/", "", "not")) Told.told("list " + path, () -> one.list(path));
    Told.told("delete", () -> done(() -> one.delete("a/b")));

    var two = vault.opsForKeyValue("secret", KV_2);
    Told.told("put", () -> done(() -> two.put("plain", Map.of("key", "value"))));
    Told.told("patch", () -> two.patch("plain", Map.of("other", "added")));
    Told.told("patch", () -> two.patch("not-there", Map.of("other", "added")));
    Told.told("get", () -> two.get("plain"));
    Told.told("list", () -> two.list("/"));

    var versions = vault.opsForVersionedKeyValue("secret");
    var metadata = versions.opsForKeyValueMetadata();
    for (int at = 0; at < 3; at++) {
      int now = at;
      Told.told("put", () -> versions.put("deep/er", Map.of("at", now)));
    }
    for (int version : new int[] {0, 1, 3, 9})
      Told.told("get", () -> versions.get("deep/er", Version.from(version)));
    Told.told("delete", () -> done(() -> versions.delete("deep/er")));
    Told.told("deleted", () -> versions.get("deep/er"));
    Told.told("undelete", () -> done(() -> versions.undelete("deep/er", Version.from(3))));
    Told.told("delete", () -> done(() -> versions.delete("deep/er", Version.from(1), Version.from(7))));
    Told.told("destroy", () -> done(() -> versions.destroy("deep/er", Version.from(2))));
    Told.told("destroyed", () -> versions.get("deep/er", Version.from(2)));
    Told.told("metadata", () -> metadata.get("deep/er"));
    var asked =
        VaultMetadataRequest.builder()
            .casRequired()
            .maxVersions(2)
            .deleteVersionAfter(Duration.ofHours(3))
            .customMetadata(Map.of("owner", "them"))
            .build();
    Told.told("metadata", () -> done(() -> metadata.put("deep/er", asked)));
    Told.told("put without", () -> versions.put("deep/er", Map.of("at", 4)));
    Told.told("metadata", () -> metadata.get("deep/er"));
    Told.told("metadata", () -> done(() -> metadata.delete("deep/er")));
    Told.told("metadata", () -> metadata.get("deep/er"));

    Told.told("cubbyhole", () -> vault.write("cubbyhole/mine", Map.of("key", "value")));
    for (String path : List.of("cubbyhole/mine", "cubbyhole/yours", "nowhere/at/all", "secret/plain"))
      Told.told("read " + path, () -> vault.read(path));
    Told.told("list", () -> vault.list("cubbyhole"));
    Told.told("delete", () -> done(() -> vault.delete("cubbyhole/mine")));
    Told.told("write nothing", () -> vault.write("cubbyhole/nothing"));
    Told.told("invoke", () -> vault.invoke("sys/tools/random/8", Map.of("format", "hex")));
  }

  private void transit() {
    var transit = vault.opsForTransit();
    for (String type : KEY_TYPES) {
      var asked = VaultTransitKeyCreationRequest.ofKeyType(type);
      Told.told("key " + type, () -> done(() -> transit.createKey(type, asked)));
    }
    var derived = VaultTransitKeyCreationRequest.builder().derived(true).convergentEncryption(true).exportable(true);
    Told.told("key", () -> done(() -> transit.createKey("derived", derived.build())));
    Told.told("key", () -> done(() -> transit.createKey("key")));
    Told.told("keys", transit::getKeys);
    for (String key : List.of("key", "derived", "rsa-2048", "ed25519", "not-there"))
      Told.told("key", () -> transit.getKey(key));
    Told.told("rotate", () -> done(() -> transit.rotate("key")));
    var configured = VaultTransitKeyConfiguration.builder().deletionAllowed(true).minEncryptionVersion(1);
    Told.told("configure", () -> done(() -> transit.configureKey("key", configured.build())));
    for (TransitKeyType type : TransitKeyType.values())
      Told.told("export", () -> transit.exportKey("derived", type));
    Told.told("export", () -> transit.exportKey("key", TransitKeyType.ENCRYPTION_KEY));

    String[] cipher = {"vault:v1:AAAA"};
    Told.told("encrypt", () -> cipher[0] = transit.encrypt("key", "hello"));
    Told.told("decrypt", () -> transit.decrypt("key", cipher[0]));
    Told.told("rewrap", () -> transit.rewrap("key", cipher[0]));
    for (String text : List.of("", "vault:v1:", "vault:v9:AAAA", "hello", "vault:v1:" + "AAAA".repeat(9)))
      Told.told("decrypt", () -> transit.decrypt("key", text));
    var context = VaultTransitContext.fromContext("context".getBytes());
    Told.told("encrypt", () -> cipher[0] = transit.encrypt("derived", "hello".getBytes(), context));
    Told.told("decrypt", () -> new String(transit.decrypt("derived", cipher[0], context)));
    Told.told("rewrap", () -> transit.rewrap("derived", cipher[0], context));
    Told.told("without context", () -> transit.encrypt("derived", "hello"));
    var batch = List.of(Plaintext.of("one").with(context), Plaintext.of("two"), Plaintext.of("three").with(context));
    Told.told("batch", () -> transit.encrypt("derived", batch));
    Told.told("batch", () -> transit.encrypt("key", List.of(Plaintext.of("one"), Plaintext.of("two"))));
    var ciphers = List.of(Ciphertext.of(cipher[0]).with(context), Ciphertext.of("vault:v1:nonsense"));
    Told.told("batch", () -> transit.decrypt("key", ciphers));
    Told.told("batch", () -> transit.rewrap("derived", ciphers));
    Told.told("empty", () -> transit.encrypt("key", Plaintext.empty()));

    Plaintext text = Plaintext.of("hello");
    for (String key : List.of("key", "ed25519", "ecdsa-p256", "rsa-2048", "hmac")) {
      Told.told("hmac", () -> transit.getHmac(key, text));
      var hmac = VaultHmacRequest.builder().plaintext(text).algorithm("sha2-512").keyVersion(1);
      Told.told("hmac", () -> transit.getHmac(key, hmac.build()));
      Told.told(
          "hmac",
          () -> transit.verify(key, VaultSignatureVerificationRequest.create(text, transit.getHmac(key, text))));
      Told.told("sign", () -> transit.verify(key, text, transit.sign(key, text)));
      var asked =
          VaultSignRequest.builder().plaintext(text).hashAlgorithm("sha2-512").signatureAlgorithm("pkcs1v15").build();
      Told.told(
          "sign",
          () ->
              transit.verify(
                  key,
                  VaultSignatureVerificationRequest.builder()
                      .plaintext(Plaintext.of("other"))
                      .signature(transit.sign(key, asked))
                      .hashAlgorithm("sha2-512")
                      .signatureAlgorithm("pkcs1v15")
                      .build()));
    }
    Told.told("delete", () -> done(() -> transit.deleteKey("key")));
    Told.told("delete", () -> done(() -> transit.deleteKey("derived")));
  }

  private void pki() {
    var pki = vault.opsForPki();
    Told.told("without a root", () -> pki.getIssuerCertificate("default"));
    Told.told("without a root", () -> pki.getCrl(Encoding.DER).readAllBytes().length);
    var root = Map.of("common_name", "root", "ttl", "87600h", "key_type", "ec");
    Told.told("root", () -> vault.write("pki/root/generate/internal", root));
    var role = Map.of("allowed_domains", "localhost,example.com", "allow_subdomains", true, "key_type", "ec");
    Told.told("role", () -> vault.write("pki/roles/web", role));
    var asked =
        VaultCertificateRequest.builder()
            .commonName("www.example.com")
            .withAltName("other.example.com")
            .withIpSubjectAltName("127.0.0.1")
            .ttl(Duration.ofHours(2))
            .build();
    Told.told("issue", () -> {
      var issued = pki.issueCertificate("web", asked).getRequiredData();
      issued.createKeyStore("alias", true);
      issued.createTrustStore(true);
      done(() -> pki.revoke(issued.getSerialNumber()));
      return issued.getX509Certificate().getSubjectX500Principal();
    });
    for (String format : List.of("pem", "der", "pem_bundle", "none")) {
      var of = VaultCertificateRequest.builder().commonName("localhost").format(format).privateKeyFormat("pkcs8");
      Told.told(
          "issue " + format, () -> pki.issueCertificate("web", of.build()).getRequiredData().getSerialNumber());
    }
    Told.told("issue", () -> pki.issueCertificate("web", VaultCertificateRequest.create("elsewhere.org")));
    var plain = VaultCertificateRequest.create("www.example.com");
    Told.told("issue", () -> pki.issueCertificate("not-there", plain));
    Told.told("sign", () -> pki.signCertificateRequest("web", "no request", plain));
    Told.told("revoke", () -> done(() -> pki.revoke("11:22:33")));
    for (Encoding encoding : Encoding.values()) {
      Told.told("list", () -> pki.getCrl(encoding).readAllBytes().length);
      Told.told("issuer", () -> pki.getIssuerCertificate("default", encoding).readAllBytes().length);
    }
    Told.told("issuer", () -> pki.getIssuerCertificate("default").getRequiredData().getX509IssuerCertificate());
    Told.told("issuer", () -> pki.getIssuerCertificate("not-there"));
  }

  private void tokens() {
    var tokens = vault.opsForToken();
    Told.told("create", tokens::create);
    Told.told("create", tokens::createOrphan);
    Told.told("create", () -> tokens.create("not-there"));
    var role = Map.of("allowed_policies", "both", "period", "1h", "orphan", true);
    Told.told("role", () -> vault.write("auth/token/roles/one", role));
    Told.told("create", () -> tokens.create("one"));
    var asked =
        VaultTokenRequest.builder()
            .id("chosen")
            .displayName("a name")
            .withPolicy("both")
            .meta(Map.of("key", "value"))
            .noDefaultPolicy()
            .renewable()
            .ttl(Duration.ofMinutes(5))
            .explicitMaxTtl(Duration.ofMinutes(10))
            .numUses(3)
            .build();
    Told.told("create", () -> tokens.create(asked));
    Told.told("create again", () -> tokens.create(asked));
    Told.told("renew", () -> tokens.renew(VaultToken.of("chosen")));
    Told.told("revoke", () -> done(() -> tokens.revoke(VaultToken.of("chosen"))));
    Told.told("renew", () -> tokens.renew(VaultToken.of("chosen")));
    Told.told("revoke", () -> done(() -> tokens.revokeOrphan(tokens.create().getToken())));
    Told.told("revoke", () -> done(() -> tokens.revokeOrphan(VaultToken.of("not-there"))));
    var batch = Map.of("type", "batch", "policies", List.of("both"), "ttl", "1m");
    Told.told("batch", () -> vault.write("auth/token/create", batch));
  }

  private void wrapping() {
    var wrapping = vault.opsForWrapping();
    Told.told("wrap", () -> {
      var wrapped = wrapping.wrap(Map.of("key", "value"), Duration.ofSeconds(100));
      wrapping.lookup(wrapped.getToken());
      var again = wrapping.rewrap(wrapped.getToken());
      Told.told("gone", () -> wrapping.lookup(wrapped.getToken()));
      Told.told("read", () -> wrapping.read(again.getToken()).getData());
      return wrapping.read(again.getToken());
    });
    Told.told("lookup", () -> wrapping.lookup(VaultToken.of("not-there")));
    Told.told("wrap", () -> wrapping.wrap("text", Duration.ofSeconds(100)));
  }

  private void logins() {
    var user = Map.of("password", "white", "token_policies", "both");
    Told.told("user", () -> vault.write("auth/userpass/users/walter", user));
    var walter = UsernamePasswordAuthenticationOptions.builder().username("walter");
    Told.told("login", () -> new UsernamePasswordAuthentication(walter.password("white").build(), plain).login());
    Told.told("login", () -> new UsernamePasswordAuthentication(walter.password("black").build(), plain).login());

    var app = Map.of("token_policies", "both", "token_ttl", "5m", "token_max_ttl", "10m");
    Told.told("role", () -> vault.write("auth/approle/role/app", app));
    var open = Map.of("bind_secret_id", false, "secret_id_bound_cidrs", "127.0.0.1/32", "token_policies", "both");
    Told.told("role", () -> vault.write("auth/approle/role/open", open));
    RoleId[] id = {null, null};
    SecretId[] secret = {null};
    Told.told("ids", () -> {
      id[0] = RoleId.provided(of(vault.read("auth/approle/role/app/role-id"), "role_id"));
      id[1] = RoleId.provided(of(vault.read("auth/approle/role/open/role-id"), "role_id"));
      var asked = Map.of("metadata", "{\"key\":\"value\"}");
      secret[0] = SecretId.provided(of(vault.write("auth/approle/role/app/secret-id", asked), "secret_id"));
      return "";
    });
    login(AppRoleAuthenticationOptions.builder().roleId(id[0]).secretId(secret[0]));
    login(AppRoleAuthenticationOptions.builder().roleId(id[0]).secretId(SecretId.provided("wrong")));
    login(AppRoleAuthenticationOptions.builder().roleId(RoleId.provided("wrong")).secretId(secret[0]));
    login(AppRoleAuthenticationOptions.builder().roleId(id[1]));
    VaultToken root = VaultToken.of("root");
    var pulled = AppRoleAuthenticationOptions.builder().roleId(RoleId.pull(root)).secretId(SecretId.pull(root));
    login(pulled.appRole("app"));
    login(pulled.appRole("not-there"));
    Told.told("wrapped", () -> {
      RoleId role = RoleId.wrapped(wrapped("GET", "auth/approle/role/app/role-id"));
      SecretId own = SecretId.wrapped(wrapped("POST", "auth/approle/role/app/secret-id"));
      login(AppRoleAuthenticationOptions.builder().roleId(role).secretId(own));
      return "";
    });

    Told.told("cubbyhole", () -> {
      VaultToken initial = wrapped("POST", "auth/token/create");
      var options = CubbyholeAuthenticationOptions.builder().initialToken(initial).wrapped().build();
      var login = new CubbyholeAuthentication(options, plain);
      login.login();
      return login.login();
    });
    Told.told("cubbyhole", () -> {
      VaultTokenResponse initial = vault.opsForToken().create(VaultTokenRequest.builder().numUses(2).build());
      String real = vault.opsForToken().create().getToken().getToken();
      as(new TokenAuthentication(initial.getToken())).write("cubbyhole/token", Map.of("token", real));
      var options = CubbyholeAuthenticationOptions.builder().initialToken(initial.getToken()).path("cubbyhole/token");
      return new CubbyholeAuthentication(options.build(), plain).login();
    });
  }

  private void login(AppRoleAuthenticationOptions.AppRoleAuthenticationOptionsBuilder options) {
    Told.told("login", () -> new AppRoleAuthentication(options.build(), plain).login());
  }

  private static String of(VaultResponse answer, String name) {
    return (String) answer.getRequiredData().get(name);
  }

  /** Of what is answered there, the wrapping token. */
  private VaultToken wrapped(String method, String path) {
    return vault.doWithSession(rest -> {
      HttpHeaders headers = new HttpHeaders();
      headers.set("X-Vault-Wrap-TTL", "100");
      var entity = new HttpEntity<>(method.equals("GET") ? null : Map.of(), headers);
      var answer = rest.exchange(path, HttpMethod.valueOf(method), entity, VaultResponse.class);
      return VaultToken.of(answer.getBody().getWrapInfo().get("token"));
    });
  }

  private void sessions() {
    Told.told("session", () -> {
      var asked = VaultTokenRequest.builder().renewable().ttl(Duration.ofMinutes(5));
      var token = vault.opsForToken().create(asked.build()).getToken();
      var session = new LifecycleAwareSessionManager(new TokenAuthentication(token), scheduler, plain);
      session.getSessionToken();
      boolean renewed = session.renewToken();
      session.destroy();
      return renewed;
    });
    Told.told("session", () -> {
      var options = UsernamePasswordAuthenticationOptions.builder().username("walter").password("white").build();
      var login = new UsernamePasswordAuthentication(options, plain);
      var session = new LifecycleAwareSessionManager(login, scheduler, plain);
      new VaultTemplate(endpoint, requests, session).read("secret/data/plain");
      boolean renewed = session.renewToken();
      session.destroy();
      return renewed;
    });
  }

  private void leases() {
    SecretLeaseContainer leases = new SecretLeaseContainer(vault, scheduler);
    Told.told("leases", () -> {
      leases.afterPropertiesSet();
      leases.addLeaseListener(event -> System.out.println(event.getClass().getSimpleName()));
      leases.addErrorListener((event, error) -> System.out.println(event.getClass().getSimpleName() + ": " + error));
      leases.start();
      return leases.isRunning();
    });
    for (String path : List.of("kv1/leased", "secret/data/plain", "not/there", "pki/issue/web"))
      Told.told("lease " + path, () -> leases.addRequestedSecret(RequestedSecret.renewable(path)));
    Told.told("rotating", () -> leases.requestRotatingSecret("cubbyhole/token"));
    Told.told("leased", () -> vault.write("kv1/leased", Map.of("ttl", "1h", "key", "value")));
    Told.told("renewed", () -> leases.renew(leases.requestRenewableSecret("kv1/leased")));
    Told.told("ended", () -> {
      leases.destroy();
      return "";
    });
    for (String path : List.of("sys/leases/renew", "sys/leases/revoke"))
      Told.told(path, () -> vault.write(path, Map.of("lease_id", "not/there", "increment", 100)));
  }

  private static Object done(Runnable work) {
    work.run();
    return "done";
  }
}
