"""Signing in elsewhere, through one provider that speaks OpenID Connect; what it answers is checked, all of it.

django-allauth carries the flow (state, PKCE, the exchange of the code). Added here is what it leaves out: the signature
of the ID token and the kinds of signature that we take, a nonce, the issuer as it was configured, the same person in
token and user information, and the strength of authentication where the settings ask for one. Of the answer only who
it is and their address are kept.
"""

from __future__ import annotations

import secrets
from typing import Any

import jwt
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp, SocialToken
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import activate, check_for_language, get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from requests import RequestException

from samsvar.site.shell.view_permissions import open_to_all

# Signatures with a key pair only: with a shared secret, whoever verifies could also have written.
SIGNATURES = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
WELL_KNOWN = "/.well-known/openid-configuration"


class Checked(OpenIDConnectOAuth2Adapter):
    """allauth's side of the conversation, believing nothing that is not signed for us, now, by who was configured."""

    expected_nonce: str | None = None

    @property
    def openid_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().openid_config
        configured = self.get_provider().app.settings["server_url"].removesuffix(WELL_KNOWN).rstrip("/")
        if str(config.get("issuer", "")).rstrip("/") != configured:
            raise OAuth2Error("the provider calls itself by another name than it was configured by")
        return config

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> Any:
        id_token = kwargs["response"].get("id_token")
        if not id_token:
            raise OAuth2Error("the answer holds no ID token")
        signed = self._decode_id_token(app, id_token)
        told = self._fetch_user_info(token.token)
        if not signed.get("sub") or told.get("sub") != signed["sub"]:
            raise OAuth2Error("the ID token and the user information speak of different people")
        kept = {
            "sub": signed["sub"],
            "email": str(told.get("email") or signed.get("email") or "").strip().lower(),
            # the word "false" is true to Python: nothing but a true is one
            "email_verified": (told if "email" in told else signed).get("email_verified") is True,
        }
        return self.get_provider().sociallogin_from_response(request, {"userinfo": kept})

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        try:
            if jwt.get_unverified_header(id_token).get("alg") not in SIGNATURES:
                raise OAuth2Error("the ID token is not signed in a way that we take")
            data: dict[str, Any] = jwtkit.verify_and_decode(
                credential=id_token,
                keys_url=self.openid_config["jwks_uri"],
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                lookup_kid=jwtkit.lookup_kid_jwk,
                verify_signature=True,
            )
        except (KeyError, TypeError, ValueError, jwt.PyJWTError) as unreadable:
            raise OAuth2Error("the ID token cannot be read") from unreadable
        if not self.expected_nonce or not secrets.compare_digest(str(data.get("nonce", "")), self.expected_nonce):
            raise OAuth2Error("the ID token answers another request")
        if data.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("the ID token was given to somebody else")
        asked = settings.SAMSVAR_OIDC_ACR.split()
        if asked and data.get("acr") not in asked:
            raise OAuth2Error("the provider did not authenticate as strongly as the settings ask")
        return data


class Callback(OAuth2CallbackView):
    """Where the provider sends people back to."""

    def _get_state(self, request: HttpRequest, provider: Any) -> tuple[dict[str, Any] | None, Any]:
        state, answer = super()._get_state(request, provider)
        self.adapter.expected_nonce = (state or {}).get("nonce")
        _speak(request, str((state or {}).get("language", "")))
        return state, answer


@open_to_all
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Send somebody to the provider. A page in between leads there: the content policy lets no form go elsewhere."""
    language = _speak(request, _said(request, "language"))
    ours = Checked(request, provider_id)
    provider = _provider(ours)
    process = AuthProcess.CONNECT if _said(request, "process") == AuthProcess.CONNECT else AuthProcess.LOGIN
    if request.method != "POST":
        return render(request, "socialaccount/login.html", {"provider": provider, "process": process})
    if process == AuthProcess.CONNECT and not request.user.is_authenticated:
        return redirect_to_login(reverse("socialaccount_connections"))
    nonce = secrets.token_urlsafe(32)
    try:
        ours.openid_config  # noqa: B018 - asks the provider for its own description, and compares it
        answer = provider.redirect(
            request,
            process=process,
            next_url=get_next_redirect_url(request),
            scope=provider.get_scope(),
            auth_params={**provider.get_auth_params(), "nonce": nonce},
            nonce=nonce,
            language=language,
        )
    except (OAuth2Error, RequestException, ValueError) as failed:
        return _failed(request, provider, failed)
    if not isinstance(answer, HttpResponseRedirect):
        return answer
    return render(request, "network/accounts_onward.html", {"provider": provider, "address": answer.url})


@open_to_all
@never_cache
def callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    ours = Checked(request, provider_id)
    provider = _provider(ours)
    try:
        return Callback.adapter_view(ours)(request)
    except (KeyError, TypeError, ValueError) as unreadable:  # an answer that is not even of the right shape
        return _failed(request, provider, unreadable)


def _provider(ours: Checked) -> Any:
    try:
        return ours.get_provider()
    except SocialApp.DoesNotExist:
        raise Http404 from None


def _speak(request: HttpRequest, language: str) -> str:
    """Go on in the language that the reader came with: these addresses have none, and people come back to pages."""
    if check_for_language(language) and language in dict(settings.LANGUAGES):
        activate(language)
        request.LANGUAGE_CODE = language
    return get_language() or settings.LANGUAGE_CODE


def _said(request: HttpRequest, name: str) -> str:
    return str(request.POST.get(name) or request.GET.get(name) or "")


def _failed(request: HttpRequest, provider: Any, failed: Exception) -> HttpResponse:
    answer: HttpResponse = render_authentication_error(request, provider, exception=failed)
    return answer
