"""The roles of `mikura policy`, enforced by a real S3 server (MinIO, started by ./dev test): users, policies, STS sessions."""

import json
import os
import secrets
import subprocess
import unittest
import urllib.error
import urllib.parse
import urllib.request

from s3_client import Keys, MinioAdmin, objects, root_keys, send
from support import Case, Outcome, tree


@unittest.skipUnless(os.environ.get("MIKURA_TEST_S3_ENDPOINT"), "no S3 server: MIKURA_TEST_S3_ENDPOINT is not set")
class Roles(Case):
    def setUp(self):
        super().setUp()
        self.endpoint, self.bucket = os.environ["MIKURA_TEST_S3_ENDPOINT"], os.environ["MIKURA_TEST_S3_BUCKET"]
        self.prefix = "roles " + secrets.token_hex(6)
        self.store = f"s3://{self.bucket}/{self.prefix.replace(' ', '%20')}?endpoint={self.endpoint}&region=us-east-1"
        self.admin = MinioAdmin(self.endpoint, root_keys())
        self.users = {}
        for role in ("reader", "writer", "maintainer"):
            self.users[role] = self.user(role, self.policy(role))
        self.a, self.b = self.root / "a", self.root / "b"
        self.a.mkdir()
        (self.a / "f").write_text("one\n")

    def user(self, name: str, policy: dict) -> Keys:
        name = f"{name}-{secrets.token_hex(4)}"
        keys = self.admin.add_user(name, policy)
        self.addCleanup(self.admin.remove_user, name)
        return keys

    def policy(self, role: str) -> dict:
        return self.mikura("policy", role, self.store, expect=0).json

    def run_as(self, who, *words, expect=0, extra=None) -> Outcome:
        keys = who if isinstance(who, Keys) else self.users[who]
        environment = dict(self.environment(keys.access_key), **keys.environment(), **(extra or {}))
        done = subprocess.run(self.command("--key-file", self.key, *words), env=environment, cwd=self.root, capture_output=True, check=False,
                              stdin=subprocess.DEVNULL, timeout=300)
        outcome = Outcome(done)
        self.assertEqual(outcome.code, expect, f"{words}\n{outcome.out[-2000:]!r}\n{outcome.err[-2000:]}")
        return outcome

    def stored(self) -> dict:
        return objects(root_keys(), self.endpoint, self.bucket, self.prefix + "/")

    def begin(self) -> None:
        """A repository with one version, by the writer."""
        self.run_as("writer", "init", self.store, self.a)
        self.run_as("writer", "-C", self.a, "sync")

    def test_a_writer_makes_a_repository_and_a_reader_follows_it(self):
        self.begin()
        self.run_as("reader", "clone", self.store, self.b)
        self.assertEqual((self.b / "f").read_text(), "one\n")
        (self.a / "f").write_text("two\n")
        self.run_as("writer", "-C", self.a, "push")
        self.run_as("reader", "-C", self.b, "pull")
        self.assertEqual((self.b / "f").read_text(), "two\n")
        for verb in (("log",), ("status",), ("diff", "HEAD~1", "HEAD"), ("show", "HEAD"), ("cat", "HEAD", "f"), ("restore", "HEAD~1", "f")):
            self.run_as("reader", "-C", self.b, *verb)
        self.assertEqual((self.b / "f").read_text(), "one\n")

    def test_what_is_denied_to_a_reader_changes_nothing_and_names_the_permission(self):
        self.begin()
        self.run_as("reader", "clone", self.store, self.b)
        (self.b / "f").write_text("by the reader\n")
        (self.b / "new").write_text("x")
        store, folder = self.stored(), tree(self.b)
        for verb in ("push", "sync"):
            outcome = self.run_as("reader", "-C", self.b, verb, expect=4)
            self.assertIn("s3:PutObject", outcome.err)
            self.assertIn(f"arn:aws:s3:::{self.bucket}/{self.prefix}/", outcome.err)
            self.assertIn(self.users["reader"].access_key, outcome.err)
            self.assertNotIn(self.users["reader"].secret_key, outcome.err)
        other = self.root / "other"
        outcome = self.run_as("reader", "init", self.store.replace("roles", "another"), other, expect=4)
        self.assertEqual((self.stored(), tree(self.b)), (store, folder))
        self.assertFalse((other / ".mikura").exists())
        # With the permission the same command goes on from there.
        self.run_as("writer", "-C", self.b, "push")
        self.run_as("writer", "-C", self.a, "pull")
        self.assert_same_trees(self.a, self.b)

    def test_a_writer_removes_nothing_and_a_maintainer_may(self):
        self.begin()
        store = self.stored()
        for key in store:
            for who in ("reader", "writer"):
                status, body = send(self.users[who], "DELETE", self.endpoint, f"/{self.bucket}/{key}")
                self.assertEqual(status, 403, body)
        self.assertEqual(self.stored(), store)
        spare = next(key for key in store if "/probe/" in key)
        status, _ = send(self.users["maintainer"], "DELETE", self.endpoint, f"/{self.bucket}/{spare}")
        self.assertEqual(status, 204)

    def test_nobody_gets_outside_the_prefix(self):
        self.begin()
        status, _ = send(root_keys(), "PUT", self.endpoint, f"/{self.bucket}/{self.prefix}2/x", {}, b"x")
        self.assertEqual(status, 200)
        for who in self.users.values():
            for method in ("GET", "PUT", "DELETE"):
                self.assertEqual(send(who, method, self.endpoint, f"/{self.bucket}/{self.prefix}2/x", {}, b"y" if method == "PUT" else b"")[0], 403)
            for prefix in ("", self.prefix + "2/"):
                self.assertEqual(send(who, "GET", self.endpoint, f"/{self.bucket}", {"list-type": "2", "prefix": prefix})[0], 403)

    def test_a_stranger_gets_nothing(self):
        self.begin()
        stranger = self.user("stranger", {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::elsewhere/*"]}]})
        outcome = self.run_as(stranger, "clone", self.store, self.b, expect=4)
        self.assertIn("s3:GetObject", outcome.err)
        self.assertFalse(self.b.exists())

    def test_the_doctor_says_what_the_credentials_are_enough_for(self):
        self.begin()
        self.run_as("reader", "clone", self.store, self.b)
        for role, word, writes in (("reader", "a reader", "skipped"), ("writer", "a writer", "ok"), ("maintainer", "a maintainer", "ok")):
            report = self.run_as(role, "-C", self.b, "--json", "doctor").json
            checks = {check["check"]: check for check in report["checks"]}
            self.assertTrue(report["healthy"], report)
            self.assertIn("enough for " + word, checks["store.permissions"]["text"])
            self.assertIn(self.users[role].access_key, checks["credentials"]["text"])
            self.assertEqual(checks["store.conditional_writes"]["state"], writes)
            self.assertNotIn(self.users[role].secret_key, json.dumps(report))
        self.assertIn("s3:PutObject", self.run_as("reader", "-C", self.b, "doctor").out.decode())

    def test_a_session_may_do_what_its_policy_leaves(self):
        self.begin()
        session = self.admin.session(self.users["writer"], self.policy("reader"))
        self.run_as(session, "clone", self.store, self.b)
        (self.b / "f").write_text("by the session\n")
        store = self.stored()
        self.assertIn("s3:PutObject", self.run_as(session, "-C", self.b, "push", expect=4).err)
        self.assertEqual(self.stored(), store)

    def test_a_profile_takes_a_role_from_the_servers_own_sts(self):
        self.begin()
        writer = self.users["writer"]
        config = self.root / "aws-config"
        config.write_text(f"[profile team]\nrole_arn = arn:aws:iam::123456789012:role/team\nsource_profile = me\nendpoint_url = {self.endpoint}\n"
                          f"region = us-east-1\n[profile me]\naws_access_key_id = {writer.access_key}\naws_secret_access_key = {writer.secret_key}\n")
        nobody = Keys("", "")
        profile = {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_PROFILE": "team"}
        (self.a / "f").write_text("by the role\n")
        self.run_as(nobody, "-C", self.a, "push", extra=profile)
        report = self.run_as(nobody, "-C", self.a, "--json", "doctor", extra=profile).json
        text = next(check["text"] for check in report["checks"] if check["check"] == "credentials")
        self.assertIn("the role arn:aws:iam::123456789012:role/team", text)
        self.assertIn("they expire in", text)
        self.assertIn("AWS_ACCESS_KEY_ID is not set", text)
        self.assertNotIn(writer.secret_key, json.dumps(report))

    def test_a_policy_of_the_bucket_lets_in_whom_it_names_and_only_for_that(self):
        self.begin()
        policy = self.mikura("policy", "reader", self.store, "--bucket-policy", "--principal", "*", expect=0).out
        place = (self.endpoint, f"/{self.bucket}", {"policy": ""})
        self.addCleanup(send, root_keys(), "DELETE", *place)
        status, answer = send(root_keys(), "PUT", *place, policy)
        self.assertEqual(status, 204, answer)
        # MinIO asks the bucket's policy about those who do not sign.
        head = f"{self.endpoint}/{self.bucket}/{urllib.parse.quote(self.prefix)}/HEAD"
        with urllib.request.urlopen(head, timeout=60) as reply:
            self.assertEqual(reply.status, 200)
        for request in (urllib.request.Request(head, data=b"x", method="PUT"), urllib.request.Request(head, method="DELETE"),
                        urllib.request.Request(f"{self.endpoint}/{self.bucket}?list-type=2")):
            with self.assertRaises(urllib.error.HTTPError) as denied:
                urllib.request.urlopen(request, timeout=60)
            self.assertEqual(denied.exception.code, 403)
            denied.exception.close()

    def test_a_user_who_is_removed_is_not_known_any_more(self):
        self.begin()
        gone = self.admin.add_user("gone-" + secrets.token_hex(4), self.policy("writer"))
        self.admin.remove_user(gone.access_key)
        (self.a / "f").write_text("two\n")
        outcome = self.run_as(gone, "-C", self.a, "push", expect=4)
        self.assertIn("does not know the access key " + gone.access_key, outcome.err)


if __name__ == "__main__":
    unittest.main()
