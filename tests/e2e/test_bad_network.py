"""A bad network between the engine and a real S3 server (started by ./dev test) changes nothing but the time."""

import os
import secrets
import unittest

from fault_proxy import FAULTS, FaultProxy
from support import Case

FILES = 1000


@unittest.skipUnless(os.environ.get("MIKURA_TEST_S3_ENDPOINT"), "no S3 server: MIKURA_TEST_S3_ENDPOINT is not set")
class BadNetwork(Case):
    def setUp(self):
        super().setUp()
        self.server, self.bucket = os.environ["MIKURA_TEST_S3_ENDPOINT"], os.environ["MIKURA_TEST_S3_BUCKET"]
        self.a = self.root / "a"
        for i in range(FILES):
            place = self.a / f"folder {i % 20}"
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{i}").write_bytes(os.urandom(1 + i * 7 % 20_000))

    def push_and_clone(self, name: str, proxy: FaultProxy):
        """Through the proxy: the clone's folder."""
        store = f"s3://{self.bucket}/{secrets.token_hex(8)}?endpoint={proxy.endpoint}&region=us-east-1"
        source, copy = self.root / f"{name} source", self.root / f"{name} copy"
        self.a.rename(source)  # each repository has a folder of its own
        try:
            self.init(source, store, machine=name)
            pushed = self.sync(source, "push", machine=name)
            self.clone(copy, store, machine=name + " other")
            self.assertEqual(len([a for a in pushed["actions"] if a["kind"] == "file"]), FILES)
            self.assert_same_trees(source, copy)
            self.assertEqual(self.sync(source, machine=name)["actions"], [])
            self.assertEqual(len(self.mikura("-C", copy, "--json", "log", machine=name + " other", expect=0).json["versions"]), 1)
        finally:
            (source / ".mikura").rename(self.root / f"{name}.mikura")
            source.rename(self.a)

    def test_a_thousand_files_come_through_intact_and_without_a_storm(self):
        with FaultProxy(self.server, {}) as good:
            self.push_and_clone("good", good)
        with FaultProxy(self.server, {"error": 5.0}, latency_s=0.001) as errors:
            self.push_and_clone("errors", errors)
        with FaultProxy(self.server, FAULTS, seed=2, latency_s=0.002, stalls=2) as bad:
            self.push_and_clone("bad", bad)
        print(f"requests: {good.requests} without faults, {errors.requests} with {dict(errors.happened)}, {bad.requests} with {dict(bad.happened)}")
        self.assertGreater(errors.happened["error"], 0.03 * good.requests)
        for fault in (*FAULTS, "stall"):
            self.assertGreater(bad.happened[fault], 0, f"the proxy did not make the fault {fault}")
        self.assertLessEqual(errors.requests, 1.5 * good.requests)
        self.assertLessEqual(bad.requests, 1.5 * good.requests)


if __name__ == "__main__":
    unittest.main()
