"""A small OpenID Connect provider on this machine, for tests: real keys, real signatures, real HTTP.

It signs in its `person` without asking. `lies` contains false values to send instead of the true ones, by name, so that
a test can send a wrong nonce, another audience or a signature by another key.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT, SECRET = "samsvar", "a secret of these tests"


@dataclass
class Provider:
    """The provider's state, and the requests it has received."""

    address: str = ""
    person: dict[str, Any] = field(
        default_factory=lambda: {"sub": "p-1", "email": "ingrid@nordmark.example", "email_verified": True}
    )
    lies: dict[str, Any] = field(default_factory=dict)
    breaks_off: bool = False
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: rsa.RSAPrivateKey = field(default_factory=lambda: _private_key("own"))

    def settings(self, **more: str) -> dict[str, str]:
        """Return the environment of a site that uses this provider."""
        return {
            "SAMSVAR_OIDC_NAME": "Nordmark ID",
            "SAMSVAR_OIDC_SERVER": self.address,
            "SAMSVAR_OIDC_CLIENT_ID": CLIENT,
            "SAMSVAR_OIDC_SECRET": SECRET,
            **more,
        }

    def description(self) -> dict[str, Any]:
        return {
            "issuer": self.lies.get("issuer in its description", self.address),
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "jwks_uri": f"{self.address}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Return the address to which a user is redirected after signing in or cancelling."""
        self.asked.append(("authorize", asked))
        if self.breaks_off:
            return f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': self.lies.get('state', asked['state'])})}"

    def tokens(self, said: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.asked.append(("token", said))
        asked = self.codes.pop(said.get("code", ""), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(said.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        if (
            asked is None
            or (said.get("client_id"), said.get("client_secret")) != (CLIENT, SECRET)
            or asked.get("code_challenge_method") != "S256"
            or asked.get("code_challenge") != proof.decode()
        ):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "a token", "token_type": "Bearer", "id_token": self._id_token(asked)}

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": self.person["sub"],
            "nonce": asked.get("nonce"),
            "iat": now,
            "exp": now + 300,
            "jti": secrets.token_urlsafe(8),
            **{name: self.lies[name] for name in ("iss", "aud", "nonce", "exp", "acr", "azp") if name in self.lies},
        }
        match self.lies.get("signature"):
            case None:
                return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "k1"})
            case "of somebody else":
                return jwt.encode(claims, _private_key("other"), algorithm="RS256", headers={"kid": "k1"})
            case "with the secret":
                shared = hashlib.sha256(SECRET.encode()).hexdigest()
                return jwt.encode(claims, shared, algorithm="HS256", headers={"kid": "k1"})
            case "none":
                return jwt.encode(claims, "", algorithm="none", headers={"kid": "k1"})
            case unknown:
                raise ValueError(unknown)

    def keys(self) -> dict[str, Any]:
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "k1", "alg": "RS256", "use": "sig"}]}


@cache
def _private_key(_whose: str) -> rsa.RSAPrivateKey:
    """Generate a key, once per test run: it takes a tenth of a second."""
    return rsa.generate_private_key(65537, 2048)


@contextmanager
def run_provider() -> Iterator[Provider]:
    """Run a provider on a free port of this machine for the length of the block."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            match parts.path:
                case "/.well-known/openid-configuration":
                    self._say(200, provider.description())
                case "/keys":
                    self._say(200, provider.keys())
                case "/userinfo":
                    self._say(200, {**provider.person, **provider.lies.get("user information", {})})
                case "/authorize":
                    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                    self.send_response(302)
                    self.send_header("Location", provider.authorize(asked))
                    self.end_headers()
                case _:
                    self._say(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say(*provider.tokens({name: values[0] for name, values in parse_qs(body).items()}))

        def _say(self, status: int, what: dict[str, Any]) -> None:
            body = json.dumps(what).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Log nothing, to keep the test output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
