"""Sign-in with an OpenID Connect provider, with full verification of its response.

django-allauth runs the flow (state, PKCE, code exchange). This module adds the checks that allauth leaves out: the ID
token's signature and algorithm, a nonce, the configured issuer, the same subject in the token and the user info, and
the authentication strength if the settings require one. Only the subject and the address are stored.
"""

from __future__ import annotations

import secrets
from typing import Any

import jwt
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.helpers import render_authentication_error
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

from samsvar.site.shell.allauth_internals import jwtkit
from samsvar.site.shell.view_permissions import public

# Asymmetric algorithms only: with a shared secret, anyone who can verify a token could also sign one.
SIGNATURE_ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
WELL_KNOWN = "/.well-known/openid-configuration"


class VerifyingOpenIDConnectAdapter(OpenIDConnectOAuth2Adapter):
    """allauth's adapter, restricted to responses that the configured provider has signed for this request."""

    expected_nonce: str | None = None

    @property
    def openid_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().openid_config
        configured = self.get_provider().app.settings["server_url"].removesuffix(WELL_KNOWN).rstrip("/")
        if str(config.get("issuer", "")).rstrip("/") != configured:
            raise OAuth2Error("the provider's issuer differs from the configured one")
        return config

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> Any:
        id_token = kwargs["response"].get("id_token")
        if not id_token:
            raise OAuth2Error("the response contains no ID token")
        token_claims = self._decode_id_token(app, id_token)
        user_info = self._fetch_user_info(token.token)
        if not token_claims.get("sub") or user_info.get("sub") != token_claims["sub"]:
            raise OAuth2Error("the ID token and the user information have different subjects")
        verified_claims = {
            "sub": token_claims["sub"],
            "email": str(user_info.get("email") or token_claims.get("email") or "").strip().lower(),
            # only a real boolean counts: the string "false" is truthy
            "email_verified": (user_info if "email" in user_info else token_claims).get("email_verified") is True,
        }
        return self.get_provider().sociallogin_from_response(request, {"userinfo": verified_claims})

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        try:
            if jwt.get_unverified_header(id_token).get("alg") not in SIGNATURE_ALGORITHMS:
                raise OAuth2Error("the ID token is not signed with a supported algorithm")
            data: dict[str, Any] = jwtkit.verify_and_decode(
                credential=id_token,
                keys_url=self.openid_config["jwks_uri"],
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                lookup_kid=jwtkit.lookup_kid_jwk,
                verify_signature=True,
            )
        except (KeyError, TypeError, ValueError, jwt.PyJWTError) as error:
            raise OAuth2Error("the ID token is invalid") from error
        if not self.expected_nonce or not secrets.compare_digest(str(data.get("nonce", "")), self.expected_nonce):
            raise OAuth2Error("the nonce of the ID token does not match this request")
        if data.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("the ID token was issued to another client")
        required_acr = settings.SAMSVAR_OIDC_ACR.split()
        if required_acr and data.get("acr") not in required_acr:
            raise OAuth2Error("the provider's authentication is weaker than the settings require")
        return data


class CallbackView(OAuth2CallbackView):
    """The view that the provider redirects to."""

    def _get_state(self, request: HttpRequest, provider: Any) -> tuple[dict[str, Any] | None, Any]:
        state, response = super()._get_state(request, provider)
        self.adapter.expected_nonce = (state or {}).get("nonce")
        _activate_language(request, str((state or {}).get("language", "")))
        return state, response


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Send the user to the provider.

    This goes through a page with a link, because the content security policy forbids submitting forms to other sites.
    """
    language = _activate_language(request, _request_param(request, "language"))
    adapter = VerifyingOpenIDConnectAdapter(request, provider_id)
    provider = _provider_or_404(adapter)
    process = AuthProcess.CONNECT if _request_param(request, "process") == AuthProcess.CONNECT else AuthProcess.LOGIN
    if request.method != "POST":
        return render(request, "socialaccount/login.html", {"provider": provider, "process": process})
    if process == AuthProcess.CONNECT and not request.user.is_authenticated:
        return redirect_to_login(reverse("socialaccount_connections"))
    nonce = secrets.token_urlsafe(32)
    try:
        adapter.openid_config  # noqa: B018 - asks the provider for its own description, and compares it
        response = provider.redirect(
            request,
            process=process,
            next_url=get_next_redirect_url(request),
            scope=provider.get_scope(),
            auth_params={**provider.get_auth_params(), "nonce": nonce},
            nonce=nonce,
            language=language,
        )
    except (OAuth2Error, RequestException, ValueError) as error:
        return _authentication_error_response(request, provider, error)
    if not isinstance(response, HttpResponseRedirect):
        return response
    return render(request, "network/accounts/_continue.html", {"provider": provider, "address": response.url})


@public
@never_cache
def callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    adapter = VerifyingOpenIDConnectAdapter(request, provider_id)
    provider = _provider_or_404(adapter)
    try:
        return CallbackView.adapter_view(adapter)(request)
    except (KeyError, TypeError, ValueError) as error:  # a malformed response
        return _authentication_error_response(request, provider, error)


def _provider_or_404(adapter: VerifyingOpenIDConnectAdapter) -> Any:
    try:
        return adapter.get_provider()
    except SocialApp.DoesNotExist:
        raise Http404 from None


def _activate_language(request: HttpRequest, language: str) -> str:
    """Activate the user's language and return it, so that it can be passed on: these URLs have no language prefix."""
    if check_for_language(language) and language in dict(settings.LANGUAGES):
        activate(language)
        request.LANGUAGE_CODE = language
    return get_language() or settings.LANGUAGE_CODE


def _request_param(request: HttpRequest, name: str) -> str:
    return str(request.POST.get(name) or request.GET.get(name) or "")


def _authentication_error_response(request: HttpRequest, provider: Any, error: Exception) -> HttpResponse:
    response: HttpResponse = render_authentication_error(request, provider, exception=error)
    return response
