"""Signed requests to an S3 server, and the administration of MinIO: users, policies, sessions."""

import datetime
import hashlib
import hmac
import json
import os
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

import aes_gcm


@dataclass
class Keys:
    access_key: str
    secret_key: str
    token: str = ""

    def environment(self) -> dict:
        return {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key, "AWS_SESSION_TOKEN": self.token}


def root_keys() -> Keys:
    return Keys(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])


def send(keys: Keys, method: str, endpoint: str, path: str, query: dict = {}, body: bytes = b"", service: str = "s3", headers: dict = {}):
    """(status, body) of a request signed with Signature Version 4."""
    path = urllib.parse.quote(path)
    text = "&".join(f"{urllib.parse.quote(k, safe='')}={urllib.parse.quote(v, safe='')}" for k, v in sorted(query.items()))
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    day, digest = now[:8], hashlib.sha256(body).hexdigest()
    signed = {"host": urllib.parse.urlsplit(endpoint).netloc, "x-amz-content-sha256": digest, "x-amz-date": now,
              **({"x-amz-security-token": keys.token} if keys.token else {}), **headers}
    signed = dict(sorted(signed.items()))
    names = ";".join(signed)
    canonical = "\n".join([method, path, text, *(f"{k}:{v}" for k, v in signed.items()), "", names, digest])
    scope = f"{day}/us-east-1/{service}/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + keys.secret_key).encode()
    for part in (day, "us-east-1", service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    signed["Authorization"] = f"AWS4-HMAC-SHA256 Credential={keys.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    request = urllib.request.Request(endpoint + path + ("?" + text if text else ""), data=body or None, method=method, headers=signed)
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def objects(keys: Keys, endpoint: str, bucket: str, prefix: str) -> dict:
    """Key -> ETag of all objects under the prefix."""
    found, token = {}, ""
    while True:
        query = {"list-type": "2", "prefix": prefix, **({"continuation-token": token} if token else {})}
        status, body = send(keys, "GET", endpoint, f"/{bucket}", query)
        assert status == 200, body
        root = ElementTree.fromstring(body)
        space = root.tag[:root.tag.index("}") + 1]
        found.update({item.findtext(space + "Key"): item.findtext(space + "ETag") for item in root.iter(space + "Contents")})
        token = root.findtext(space + "NextContinuationToken") or ""
        if not token:
            return found


class MinioAdmin:
    def __init__(self, endpoint: str, root: Keys) -> None:
        self.endpoint, self.root = endpoint, root

    def add_user(self, name: str, policy: dict) -> Keys:
        """A user with that policy, and no other right."""
        keys = Keys(name, os.urandom(16).hex())
        self._call("PUT", "add-user", {"accessKey": name}, self._sealed({"secretKey": keys.secret_key, "status": "enabled"}))
        self._call("PUT", "add-canned-policy", {"name": name}, json.dumps(policy).encode())
        self._call("PUT", "set-user-or-group-policy", {"policyName": name, "userOrGroup": name, "isGroup": "false"})
        return keys

    def remove_user(self, name: str) -> None:
        self._call("DELETE", "remove-user", {"accessKey": name})
        self._call("DELETE", "remove-canned-policy", {"name": name})

    def session(self, keys: Keys, policy: dict) -> Keys:
        """A session of that user which may do what both the user and the policy allow."""
        form = urllib.parse.urlencode({"Action": "AssumeRole", "Version": "2011-06-15", "DurationSeconds": "900", "Policy": json.dumps(policy)})
        status, body = send(keys, "POST", self.endpoint, "/", {}, form.encode(), "sts", {"content-type": "application/x-www-form-urlencoded"})
        assert status == 200, body
        space = "{https://sts.amazonaws.com/doc/2011-06-15/}"
        given = next(ElementTree.fromstring(body).iter(space + "Credentials"))
        return Keys(*(given.findtext(space + name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")))

    def _call(self, method: str, what: str, query: dict, body: bytes = b"") -> bytes:
        status, answer = send(self.root, method, self.endpoint, f"/minio/admin/v3/{what}", query, body)
        assert status in (200, 204), (what, status, answer)
        return answer

    def _sealed(self, document: dict) -> bytes:
        """As MinIO wants secrets: a key by PBKDF2 from the administrator's, then AES-256-GCM in a stream of one piece."""
        salt, nonce = os.urandom(32), os.urandom(8)
        key = hashlib.pbkdf2_hmac("sha256", self.root.secret_key.encode(), salt, 8192)
        header = aes_gcm.seal(key, nonce + (0).to_bytes(4, "little"), b"", b"")
        piece = aes_gcm.seal(key, nonce + (1).to_bytes(4, "little"), json.dumps(document).encode(), b"\x80" + header)
        return salt + b"\x02" + nonce + piece
