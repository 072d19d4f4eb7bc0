"""The PyPI client hvac, unmodified, against one server: what each call came to, one JSON object a line."""
import hvac
from hvac_say import ADDRESS, root, say

v1, v2 = root.secrets.kv.v1, root.secrets.kv.v2
POLICY = 'path "secret/data/app/*" { capabilities = ["create", "read", "update", "patch"] }'


say("is_authenticated", root.is_authenticated)
say("is_initialized", root.sys.is_initialized)
say("is_sealed", root.sys.is_sealed)
say("health", lambda: root.sys.read_health_status(method="GET"))
say("seal status", root.sys.read_seal_status)
say("leader", root.sys.read_leader_status)
say("mounts", root.sys.list_mounted_secrets_engines)

say("enable", lambda: root.sys.enable_secrets_engine("kv", path="one", options={"version": "1"}))
say("enable again", lambda: root.sys.enable_secrets_engine("kv", path="one"))
say("tune", lambda: root.sys.tune_mount_configuration("one", default_lease_ttl="1h", description="tuned"))
say("read tuning", lambda: root.sys.read_mount_configuration("one"))
say("v1 write", lambda: v1.create_or_update_secret("a", {"x": 1, "n": {"l": [1, None]}}, mount_point="one"))
say("v1 read", lambda: v1.read_secret("a", mount_point="one"))
say("v1 list", lambda: v1.list_secrets("", mount_point="one"))
say("v1 delete", lambda: v1.delete_secret("a", mount_point="one"))
say("v1 read of nothing", lambda: v1.read_secret("a", mount_point="one"))
say("disable", lambda: root.sys.disable_secrets_engine("one"))

say("v2 write", lambda: v2.create_or_update_secret("app/db", {"user": "alice"}))
say("v2 stale write", lambda: v2.create_or_update_secret("app/db", {"user": "eve"}, cas=0))
say("v2 patch", lambda: v2.patch("app/db", {"password": "pw"}))
say("v2 read", lambda: v2.read_secret_version("app/db", raise_on_deleted_version=True))
say("v2 read of a version", lambda: v2.read_secret_version("app/db", version=1, raise_on_deleted_version=True))
say("v2 delete", lambda: v2.delete_latest_version_of_secret("app/db"))
say("v2 read deleted", lambda: v2.read_secret_version("app/db", raise_on_deleted_version=True))
say("v2 read deleted, kept", lambda: v2.read_secret_version("app/db", raise_on_deleted_version=False))
say("v2 undelete", lambda: v2.undelete_secret_versions("app/db", [2]))
say("v2 destroy", lambda: v2.destroy_secret_versions("app/db", [1]))
say("v2 metadata", lambda: v2.read_secret_metadata("app/db"))
say("v2 update metadata", lambda: v2.update_metadata("app/db", max_versions=3, custom_metadata={"owner": "me"}))
say("v2 list", lambda: v2.list_secrets("app"))
say("v2 configure", lambda: v2.configure(max_versions=7))
say("v2 configuration", v2.read_configuration)
say("v2 remove", lambda: v2.delete_metadata_and_all_versions("app/db"))
say("v2 read of nothing", lambda: v2.read_secret_version("app/db", raise_on_deleted_version=True))

say("policy", lambda: root.sys.create_or_update_policy("app", POLICY))
say("policies", root.sys.list_policies)
say("read policy", lambda: root.sys.read_policy("app"))
say("broken policy", lambda: root.sys.create_or_update_policy("broken", 'path "x" {'))

say("enable approle", lambda: root.sys.enable_auth_method("approle"))
say("auth methods", root.sys.list_auth_methods)
approle = root.auth.approle
say("role", lambda: approle.create_or_update_approle("app", token_policies=["app"], token_ttl="20m"))
say("read role", lambda: approle.read_role("app"))
role_id = say("role id", lambda: approle.read_role_id("app"))["data"]["role_id"]
secret_id = say("secret id", lambda: approle.generate_secret_id("app", metadata={"made": "here"}))["data"]["secret_id"]
say("look at the secret id", lambda: approle.read_secret_id("app", secret_id))
app = hvac.Client(url=ADDRESS)
say("wrong login", lambda: app.auth.approle.login(role_id, "wrong"))
say("login", lambda: app.auth.approle.login(role_id, secret_id))
say("what the role may", lambda: app.secrets.kv.v2.create_or_update_secret("app/own", {"y": 2}))
say("what it may not", app.sys.list_mounted_secrets_engines)
say("lookup self", app.auth.token.lookup_self)
say("renew self", lambda: app.auth.token.renew_self(increment="10m"))
say("capabilities", lambda: app.sys.get_capabilities(["secret/data/app/own", "sys/mounts"]))
say("revoke self", app.auth.token.revoke_self)
say("a revoked token", app.auth.token.lookup_self)

say("enable userpass", lambda: root.sys.enable_auth_method("userpass"))
say("user", lambda: root.auth.userpass.create_or_update_user("bob", "pw", policies="app"))
say("users", root.auth.userpass.list_user)
say("user login", lambda: hvac.Client(url=ADDRESS).auth.userpass.login("bob", "pw"))

made = say("token", lambda: root.auth.token.create(policies=["app"], ttl="1h", display_name="made"))
accessor = made["auth"]["accessor"]
say("lookup accessor", lambda: root.auth.token.lookup_accessor(accessor))
say("revoke accessor", lambda: root.auth.token.revoke_accessor(accessor))
say("orphan", lambda: root.auth.token.create_orphan(policies=["app"], ttl="5m"))
say("token role", lambda: root.auth.token.create_or_update_role("r", allowed_policies=["app"]))
say("read token role", lambda: root.auth.token.read_role("r"))
wrapped = say("wrap", lambda: root.sys.wrap({"a": "b"}, ttl="5m"))["wrap_info"]["token"]
say("unwrap", lambda: root.sys.unwrap(wrapped))
say("unwrap again", lambda: root.sys.unwrap(wrapped))
say("audit", lambda: root.sys.list_enabled_audit_devices())
say("rotate", lambda: root.sys.rotate_encryption_key())
say("seal", root.sys.seal)
say("sealed", root.sys.is_sealed)
say("read when sealed", lambda: v2.read_configuration())
