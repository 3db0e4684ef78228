"""`mikura serve` on a store whose profile assumes a role that wants the code of an MFA device; STS and S3 are stand-ins on loopback."""

import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from test_serve import ServeCase

RIGHT, WRONG = "271828", "314159"
SESSION = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>session</AccessKeyId><SecretAccessKey>its-secret</SecretAccessKey><SessionToken>its-token</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""
REFUSAL = """<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>
<Message>MultiFactorAuthentication failed with invalid MFA one time pass code. </Message></Error></ErrorResponse>"""
EMPTY = """<ListBucketResult><Name>bucket</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>"""


class Services(BaseHTTPRequestHandler):
    """STS answers POST, S3 (an empty bucket) the rest."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        self.server.codes.append(form.get("TokenCode"))
        is_right = form.get("TokenCode") == RIGHT and form.get("SerialNumber") == "arn:mfa/ada"
        self.answer(*((200, SESSION) if is_right else (403, REFUSAL)))

    def do_GET(self):
        self.server.keys.append(self.headers.get("Authorization", ""))
        self.answer(*((200, EMPTY) if "list-type" in self.path else (404, "<Error><Code>NoSuchKey</Code></Error>")))

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


class Mfa(ServeCase):
    def setUp(self):
        super().setUp()
        self.services = ThreadingHTTPServer(("127.0.0.1", 0), Services)
        self.services.codes, self.services.keys = [], []
        self.services.daemon_threads = True
        threading.Thread(target=self.services.serve_forever, daemon=True).start()
        self.addCleanup(self.services.server_close)
        self.addCleanup(self.services.shutdown)
        self.endpoint = f"http://127.0.0.1:{self.services.server_port}"
        settings = Path(self.given["home"]) / ".aws"
        settings.mkdir(parents=True)
        (settings / "config").write_text(
            "[profile work]\nrole_arn = arn:role\nmfa_serial = arn:mfa/ada\nsource_profile = base\nregion = eu-west-1\n"
            "[profile base]\naws_access_key_id = base\naws_secret_access_key = of-no-use\n")

    def question(self, engine) -> dict:
        return engine.wait_for(lambda m: m.get("method") == "mfa/get", "mfa/get")

    def give(self, engine, question, code) -> None:
        engine.send({"jsonrpc": "2.0", "id": question["id"], "result": {"code": code}})

    def inspect(self, engine, id, prefix="p") -> None:
        store = f"s3://bucket/{prefix}?profile=work&endpoint={self.endpoint}"
        engine.send({"jsonrpc": "2.0", "id": id, "method": "store/inspect", "params": {"store": store}})

    def test_a_refused_code_is_asked_for_again_and_one_session_serves_every_store(self):
        engine = self.opened(AWS_ENDPOINT_URL_STS=self.endpoint)
        engine.send({"jsonrpc": "2.0", "method": "log/level", "params": {"level": "debug"}})
        for id in range(3):
            self.inspect(engine, id, f"p{id}")
        first = self.question(engine)
        self.assertEqual(first["params"], {"profile": "work", "role": "arn:role", "serial": "arn:mfa/ada", "retry": False})
        self.give(engine, first, WRONG)
        second = self.question(engine)
        self.assertTrue(second["params"]["retry"])
        self.give(engine, second, RIGHT)
        for id in range(3):
            self.assertEqual(engine.answer(id)["result"]["exists"], False)
        self.inspect(engine, "later")
        self.assertEqual(engine.answer("later")["result"]["exists"], False)
        self.assertEqual(self.services.codes, [WRONG, RIGHT])
        self.assertTrue(all("Credential=session/" in key for key in self.services.keys))

        self.assertEqual(engine.close(), 0)
        said = repr(engine.pending) + "".join(engine.errors)
        on_disk = b"".join(path.read_bytes() for path in self.root.rglob("*") if path.is_file() and ".aws" not in path.parts)
        for secret in (RIGHT, WRONG, "its-secret", "its-token"):
            self.assertNotIn(secret, said)
            self.assertNotIn(secret.encode(), on_disk)

    def test_who_gives_none_is_not_asked_by_the_calls_that_waited_with_it(self):
        engine = self.opened(AWS_ENDPOINT_URL_STS=self.endpoint)
        for id in range(3):
            self.inspect(engine, id, f"p{id}")
        asked = self.question(engine)
        # All three are under way when the person says no.
        time.sleep(0.3)
        self.give(engine, asked, None)
        for id in range(3):
            self.assertEqual(engine.answer(id)["error"]["data"]["code"], "mfa_missing")
        self.assertEqual(self.services.codes, [])

    def test_a_cancelled_call_takes_its_question_back_and_another_asks_it(self):
        engine = self.opened(AWS_ENDPOINT_URL_STS=self.endpoint)
        self.inspect(engine, 1, "one")
        asked = self.question(engine)
        self.inspect(engine, 2, "two")
        engine.send({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 1}})
        self.assertEqual(engine.answer(1)["error"]["code"], -32800)
        engine.wait_for(lambda m: m.get("method") == "$/cancelRequest" and m["params"]["id"] == asked["id"], "the question is taken back")
        self.give(engine, self.question(engine), RIGHT)
        self.assertEqual(engine.answer(2)["result"]["exists"], False)
