"""What a nosy or hostile server could do to the demo's store: look at every object, change one. A folder, or S3 by HTTP."""

import datetime
import hashlib
import hmac
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree
from pathlib import Path


class FolderStore:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list:
        return sorted(p.relative_to(self._folder).as_posix() for p in self._folder.rglob("*") if p.is_file() and not p.name.startswith("."))

    def read(self, name: str) -> bytes:
        return (self._folder / name).read_bytes()

    def write(self, name: str, data: bytes) -> None:
        (self._folder / name).write_bytes(data)


class S3Store:
    """One bucket in path style, requests signed with Signature Version 4."""

    def __init__(self, server, bucket: str, prefix: str) -> None:
        self._server, self._bucket, self._prefix = server, bucket, prefix + "/"

    def names(self) -> list:
        found, token = [], ""
        while True:
            query = {"list-type": "2", "prefix": self._prefix, **({"continuation-token": token} if token else {})}
            root = ElementTree.fromstring(self._send("GET", "", query))
            space = root.tag[:root.tag.index("}") + 1]
            found += [key.text.removeprefix(self._prefix) for key in root.iter(space + "Key")]
            token = root.findtext(space + "NextContinuationToken") or ""
            if not token:
                return sorted(found)

    def read(self, name: str) -> bytes:
        return self._send("GET", self._prefix + name, {})

    def write(self, name: str, data: bytes) -> None:
        self._send("PUT", self._prefix + name, {}, data)

    def _send(self, method: str, key: str, query: dict, body: bytes = b"") -> bytes:
        path = urllib.parse.quote(f"/{self._bucket}/{key}" if key else f"/{self._bucket}")
        text = "&".join(f"{urllib.parse.quote(k, safe='')}={urllib.parse.quote(v, safe='')}" for k, v in sorted(query.items()))
        url = self._server.endpoint + path + ("?" + text if text else "")
        request = urllib.request.Request(url, data=body if method == "PUT" else None, method=method, headers=self._headers(method, path, text, body))
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.read()

    def _headers(self, method: str, path: str, query: str, body: bytes) -> dict:
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        day, digest = now[:8], hashlib.sha256(body).hexdigest()
        headers = {"host": urllib.parse.urlsplit(self._server.endpoint).netloc, "x-amz-content-sha256": digest, "x-amz-date": now}
        signed = ";".join(headers)
        canonical = "\n".join([method, path, query, *(f"{k}:{v}" for k, v in headers.items()), "", signed, digest])
        scope = f"{day}/us-east-1/s3/aws4_request"
        to_sign = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + self._server.secret_key).encode()
        for part in (day, "us-east-1", "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
        headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={self._server.access_key}/{scope}, SignedHeaders={signed}, Signature={signature}"
        return headers
