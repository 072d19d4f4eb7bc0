"""The calls of hvac's auth methods that are used less: AppRole, userpass, tokens, certificates, JWT."""
import hvac
from hvac_say import ADDRESS, root, say

approle, userpass, token, cert, jwt = (
    root.auth.approle,
    root.auth.userpass,
    root.auth.token,
    root.auth.cert,
    root.auth.jwt,
)
KEY = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAgofYO3r/4qGDYDBfw0nJmTY8N83cJVfTNNYBJZTbLgo=
-----END PUBLIC KEY-----
"""


def client(auth_token=None):
    return hvac.Client(url=ADDRESS, token=auth_token)


def part(made, *at):
    for key in at:
        made = made.get(key) if isinstance(made, dict) else None
    return made


say("approle on", lambda: root.sys.enable_auth_method("approle", path="roles"))
at = {"mount_point": "roles"}
say("no roles", lambda: approle.list_roles(**at))
say(
    "a whole role",
    lambda: approle.create_or_update_approle(
        "r",
        bind_secret_id=True,
        secret_id_bound_cidrs=["127.0.0.0/8"],
        secret_id_num_uses=5,
        secret_id_ttl="10m",
        enable_local_secret_ids=True,
        token_ttl="5m",
        token_max_ttl="20m",
        token_policies=["p", "q"],
        token_bound_cidrs=["127.0.0.1"],
        token_explicit_max_ttl="1h",
        token_no_default_policy=True,
        token_num_uses=9,
        token_period="7m",
        token_type="service",
        **at,
    ),
)
say("role", lambda: approle.read_role("r", **at))
say("roles", lambda: approle.list_roles(**at))
say("role id", lambda: approle.update_role_id("r", "an-id-of-ours", **at))
say("read role id", lambda: approle.read_role_id("r", **at))
say("custom secret", lambda: approle.create_custom_secret_id("r", "a-secret-of-ours", metadata={"k": "v"}, **at))
say("custom secret again", lambda: approle.create_custom_secret_id("r", "a-secret-of-ours", **at))
made = say(
    "secret",
    lambda: approle.generate_secret_id(
        "r", metadata={"a": "b"}, cidr_list=["127.0.0.1/32"], token_bound_cidrs=["127.0.0.1/32"], **at
    ),
)
say("wrapped secret", lambda: sorted(approle.generate_secret_id("r", wrap_ttl="1m", **at)["wrap_info"]))
say("read secret", lambda: approle.read_secret_id("r", "a-secret-of-ours", **at))
say("read no secret", lambda: approle.read_secret_id("r", "none", **at))
accessor = part(made, "data", "secret_id_accessor")
say("accessors", lambda: len(approle.list_secret_id_accessors("r", **at)["data"]["keys"]))
say("read accessor", lambda: approle.read_secret_id_accessor("r", accessor, **at))
say("login", lambda: client().auth.approle.login("an-id-of-ours", "a-secret-of-ours", **at))
say("destroy accessor", lambda: approle.destroy_secret_id_accessor("r", accessor, **at))
say("destroy accessor again", lambda: approle.destroy_secret_id_accessor("r", accessor, **at))
say("read no accessor", lambda: approle.read_secret_id_accessor("r", accessor, **at))
say("destroy secret", lambda: approle.destroy_secret_id("r", "a-secret-of-ours", **at))
say("login with nothing", lambda: client().auth.approle.login("an-id-of-ours", "a-secret-of-ours", **at))
say("delete role", lambda: approle.delete_role("r", **at))
say("no role", lambda: approle.read_role("r", **at))

say("userpass on", lambda: root.sys.enable_auth_method("userpass", path="users"))
at = {"mount_point": "users"}
say("no users", lambda: userpass.list_user(**at))
say("user", lambda: userpass.create_or_update_user("Ann", "first", policies="p", token_ttl="5m", token_period="1m", **at))
say("user without password", lambda: userpass.create_or_update_user("bob", **at))
say("read user", lambda: userpass.read_user("ann", **at))
say("users", lambda: userpass.list_user(**at))
say("new password", lambda: userpass.update_password_on_user("ann", "second", **at))
say("old password", lambda: client().auth.userpass.login("ann", "first", **at))
ann = client()
say("user in", lambda: ann.auth.userpass.login("ANN", "second", **at))
say("who is it", ann.auth.token.lookup_self)
say("delete user", lambda: userpass.delete_user("ann", **at))
say("no user", lambda: userpass.read_user("ann", **at))
say("password of nobody", lambda: userpass.update_password_on_user("zed", "x", **at))
say("renew whose user is gone", lambda: ann.auth.token.renew_self("1m"))

MAKER = 'path "auth/token/create" { capabilities = ["create", "update"] }'
say("policy", lambda: root.sys.create_or_update_policy("maker", MAKER))
parent = part(say("parent", lambda: token.create(policies=["maker"], ttl="1h", renewable=True)), "auth", "client_token")
child = say(
    "child",
    lambda: client(parent).auth.token.create(
        policies=["default", "maker"], ttl="30m", explicit_max_ttl="40m", num_uses=20, meta={"m": "n"}, display_name="a b"
    ),
)
child, child_accessor = part(child, "auth", "client_token"), part(child, "auth", "accessor")
say("lookup", lambda: token.lookup(child))
say("renew", lambda: token.renew(child, increment="20m"))
say("renew accessor", lambda: token.renew_accessor(child_accessor, increment="90m"))
say("renew nothing", lambda: token.renew("none"))
say("wrapped renewal", lambda: sorted(token.renew(child, wrap_ttl="1m")["wrap_info"]))
say("accessors", lambda: child_accessor in token.list_accessors()["data"]["keys"])
say("orphan the child", lambda: token.revoke_and_orphan_children(parent))
say("orphan", lambda: token.lookup(child))
say("lookup the parent", lambda: token.lookup(parent))
say("revoke", lambda: token.revoke(child))
say("revoke again", lambda: token.revoke(child))
say("no accessor", lambda: token.lookup_accessor(child_accessor))
say("batch", lambda: token.create(type="batch", policies=["default"], ttl="5m", no_parent=True))
say("periodic", lambda: token.create(period="10m", no_default_policy=True, policies=["p"]))
say("an id of ours", lambda: token.create(id="mine", policies=["default"]))
say("lookup mine", lambda: token.lookup("mine"))
say("no roles", lambda: token.list_roles())
say(
    "role",
    lambda: token.create_or_update_role(
        "tr",
        allowed_policies=["p", "default"],
        disallowed_policies=["q"],
        orphan=True,
        renewable=False,
        path_suffix="x-y",
        allowed_entity_aliases=["e*"],
        token_period="3m",
        token_explicit_max_ttl="2h",
    ),
)
say("read role", lambda: token.read_role("tr"))
say("roles", token.list_roles)
say("by role", lambda: token.create(role_name="tr", policies=["p"]))
say("refused by role", lambda: token.create(role_name="tr", policies=["q"]))
say("delete role", lambda: token.delete_role("tr"))
say("no role", lambda: token.read_role("tr"))
say("tidy", token.tidy)

say("cert on", lambda: root.sys.enable_auth_method("cert", path="tls"))
at = {"mount_point": "tls"}
say("no certificate roles", lambda: cert.list_certificate_roles(**at))
say("not a certificate", lambda: cert.create_ca_certificate_role("c", certificate="-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", **at))
say("binding", lambda: cert.configure_tls_certificate(disable_binding=True, **at))
say("no certificate role", lambda: cert.read_ca_certificate_role("c", **at))
say("delete no certificate role", lambda: cert.delete_certificate_role("c", **at))

say("jwt on", lambda: root.sys.enable_auth_method("jwt", path="tokens"))
at = {"path": "tokens"}
say("no config", lambda: jwt.read_config(**at))
say("config", lambda: jwt.configure(jwt_validation_pubkeys=[KEY], bound_issuer="me", default_role="j", **at))
say("read config", lambda: jwt.read_config(**at))
say(
    "role",
    lambda: jwt.create_role(
        "j",
        user_claim="sub",
        allowed_redirect_uris=[],
        role_type="jwt",
        bound_audiences=["a"],
        bound_claims={"k": ["v"]},
        claim_mappings={"x": "y"},
        clock_skew_leeway=5,
        token_policies=["p"],
        token_ttl=60,
        token_num_uses=3,
        **at,
    ),
)
say("read role", lambda: jwt.read_role("j", **at))
say("roles", lambda: jwt.list_roles(**at))
say("login with nonsense", lambda: client().auth.jwt.jwt_login("j", "x.y.z", **at))
say("url", lambda: jwt.oidc_authorization_url_request("j", "http://localhost:8250/oidc/callback", **at))
say("callback", lambda: jwt.oidc_callback("s", "n", "c", **at))
say("delete role", lambda: jwt.delete_role("j", **at))
say("no role", lambda: jwt.read_role("j", **at))
say("radius", lambda: root.sys.enable_auth_method("radius"))
