"""What the command says and how it ends for each kind of error that a server, a proxy or a network can answer with."""

import hashlib
import http.server
import shutil
import ssl
import subprocess
import threading
import unittest

from support import Case, Outcome

SECRET = "s3cr3t-of-the-test"


def error(status: int, code: str, message: str = "", more: str = "", headers: dict = {}):
    body = f"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>".encode()
    return status, body, {"Content-Type": "application/xml", **headers}


# answer -> exit code, and words of the message or the hint.
ANSWERS = {
    "access denied": (error(403, "AccessDenied", "no"), 4, ["s3:GetObject", "arn:aws:s3:::bucket/prefix/repository", "AKIDTEST"]),
    "unknown key": (error(403, "InvalidAccessKeyId"), 4, ["does not know the access key AKIDTEST", "AWS_ACCESS_KEY_ID"]),
    "expired": (error(400, "ExpiredToken"), 4, ["have expired", "aws sso login"]),
    "bad signature": (error(403, "SignatureDoesNotMatch"), 4, ["does not accept the signature", "secret access key"]),
    "clock": (error(403, "RequestTimeTooSkewed"), 4, ["clock", "set the clock"]),
    "no bucket": (error(404, "NoSuchBucket"), 2, ["there is no bucket bucket", "create the bucket"]),
    "no repository": (error(404, "NoSuchKey"), 1, ["repository"]),
    "other region": (error(301, "PermanentRedirect", more="<Region>eu-central-1</Region>"), 2, ["region", "eu-central-1"]),
    "archived": (error(403, "InvalidObjectState"), 4, ["archived", "lifecycle"]),
    "slow down": (error(503, "SlowDown"), 7, ["SlowDown", "after 8 attempts", "try again later"]),
    "internal": (error(500, "InternalError"), 7, ["InternalError", "after 8 attempts"]),
    "wait for long": (error(503, "SlowDown", headers={"Retry-After": "240"}), 7, ["SlowDown"]),
    "gateway page": ((502, b"<html>bad gateway</html>", {"Content-Type": "text/html"}), 7, ["502"]),
    "other service": ((404, b"<html>not found</html>", {"Content-Type": "text/html"}), 2, ["does not answer as an S3 server", "endpoint"]),
    "proxy": ((407, b"", {}), 4, ["proxy", "no_proxy"]),
    "refused": (error(400, "SomethingNew", "what is this"), 2, ["SomethingNew", "what is this"]),
    "something else": (error(200, "InternalError", headers={"ETag": "\"x\""}), 2, ["not a Mikura repository"]),
}
# The same for writing, at init: what is read is not there.
WRITES = {
    "access denied": (error(403, "AccessDenied", "no"), 4, ["s3:PutObject", "arn:aws:s3:::bucket/prefix/probe/"]),
    "not implemented": (error(501, "NotImplemented", "no such header"), 1, ["conditional writes", "--single-writer"]),
    "quota": (error(403, "QuotaExceeded"), 1, ["no room left", "quota"]),
}


class Stub(http.server.ThreadingHTTPServer):
    """Answers every request alike; reads may be answered differently, and writes without a condition may succeed."""
    daemon_threads = True

    def __init__(self, answer, to_reads=None, plain_writes=False):
        stub = self
        self.answer, self.to_reads = answer, to_reads or answer

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def reply(self):
                sent = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                status, body, headers = stub.to_reads if self.command == "GET" else stub.answer
                if plain_writes and self.command == "PUT" and not {"If-Match", "If-None-Match"} & {name.title() for name in self.headers}:
                    status, body, headers = 200, b"", {"ETag": f'"{hashlib.sha256(sent).hexdigest()}"'}
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT = do_DELETE = reply

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, *_):
        pass  # a client that has read enough

    def __enter__(self):
        self.thread = threading.Thread(target=self.serve_forever)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.thread.join()
        self.server_close()

    def url(self, scheme: str = "http") -> str:
        return f"s3://bucket/prefix?endpoint={scheme}://127.0.0.1:{self.server_port}&region=us-east-1"


class ErrorWords(Case):
    def run_with(self, *words) -> Outcome:
        keys = {"AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": "", "AWS_EC2_METADATA_DISABLED": "true"}
        done = subprocess.run(self.command("--key-file", self.key, *words), env={**self.environment(), **keys}, cwd=self.root, capture_output=True,
                              check=False, stdin=subprocess.DEVNULL, timeout=120)
        return Outcome(done)

    def check(self, outcome: Outcome, code: int, words: list) -> None:
        self.assertEqual(outcome.code, code, outcome.err)
        for word in words:
            self.assertIn(word, outcome.err)
        self.assertTrue(outcome.err.startswith("mikura: "), outcome.err)
        self.assertNotIn(SECRET, outcome.err)
        self.assertEqual(sorted(p.name for p in self.root.iterdir()), ["mikura.key"] + (["state"] if (self.root / "state").exists() else []))

    def test_what_a_clone_says(self):
        for name, (answer, code, words) in ANSWERS.items():
            with self.subTest(name), Stub(answer) as stub:
                self.check(self.run_with("clone", stub.url(), "copy"), code, words)

    def test_what_an_init_says(self):
        for name, (answer, code, words) in WRITES.items():
            with self.subTest(name), Stub(answer, error(404, "NoSuchKey"), plain_writes=name == "not implemented") as stub:
                self.check(self.run_with("init", stub.url(), "new"), code, words)

    def test_what_a_wrong_port_says(self):
        self.check(self.run_with("clone", "s3://bucket/p?endpoint=http://127.0.0.1:9", "copy"), 7, ["cannot reach 127.0.0.1:9", "after 8 attempts"])
        with Stub(error(200, "x")) as stub:
            self.check(self.run_with("clone", stub.url("https"), "copy"), 7, ["127.0.0.1"])

    @unittest.skipUnless(shutil.which("openssl"), "there is no openssl to make a certificate with")
    def test_what_an_unknown_authority_says(self):
        files = [self.root / "state" / name for name in ("key.pem", "certificate.pem")]
        files[0].parent.mkdir(exist_ok=True)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-keyout", files[0], "-out", files[1]],
                       check=True, capture_output=True)
        with Stub(error(404, "NoSuchKey")) as stub:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(files[1], files[0])
            stub.socket = context.wrap_socket(stub.socket, server_side=True)
            self.check(self.run_with("clone", stub.url("https"), "copy"), 4, ["certificate", "AWS_CA_BUNDLE"])

    def test_what_missing_credentials_say(self):
        keys = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_EC2_METADATA_DISABLED": "true", "HOME": str(self.root)}
        done = subprocess.run(self.command("--key-file", self.key, "clone", "s3://bucket/p?endpoint=http://127.0.0.1:9", "copy"),
                              env={**self.environment(), **keys}, cwd=self.root, capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=60)
        self.check(Outcome(done), 4, ["no credentials for S3", "the environment: AWS_ACCESS_KEY_ID is not set", "there is no such profile",
                                      "AWS_WEB_IDENTITY_TOKEN_FILE", "the container's credential service", "the EC2 metadata service"])


if __name__ == "__main__":
    unittest.main()
