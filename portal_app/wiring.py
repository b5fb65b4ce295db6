"""Build what a process needs from its settings and hand it to core and features."""

import importlib
import pkgutil

import portal_app.features
from portal_app.core import crypto, db, garbage, limits, policy, scanning
from portal_app.core.jobs import Workplace
from portal_app.features.access import single_sign_on
from portal_app.features.access.errors import ProviderAway
from portal_app.features.access.ports import SignOnProvider
from portal_app.features.coverage.ports import EligibilityPort
from portal_app.features.notify.ports import MailPort, PushPort, TextPort
from portal_app.features.notify.push_keys import load_push_key
from portal_app.features.notify.service import outbox_folder
from portal_app.features.payments import ports as payments
from portal_app.features.reconciling.ports import AccountPort, ProcessorAccount
from portal_app.integrations.clamav.clamd import Clamd
from portal_app.integrations.eligibility.nobody import NobodyToAsk
from portal_app.integrations.mail.smtp import SmtpMail
from portal_app.integrations.push.demo import CaughtPushes
from portal_app.integrations.push.nobody import NoPushes
from portal_app.integrations.sms.demo import CaughtTexts
from portal_app.integrations.sms.nobody import NoTexts
from portal_app.integrations.sms.webhook import WebhookTexts
from portal_app.settings import Settings


def load_features(module: str) -> None:
    """Import one module of every feature that has it, for what importing registers (policies, jobs, tables)."""
    for feature in pkgutil.iter_modules(portal_app.features.__path__):
        name = f"{portal_app.features.__name__}.{feature.name}.{module}"
        if importlib.util.find_spec(name) is not None:
            importlib.import_module(name)


def open_portal(settings: Settings) -> db.Database:
    """Open keys and database for this process and register every policy and job.

    Raises:
        SystemExit: if no database is set.
        SystemExit: if the provider of single sign-on or the scanner is not set as it should be.
        crypto.DemoKeyRefused: if `serve` is given a demo's key ring.
    """
    if not settings.database_url:
        raise SystemExit("Set PORTAL_DATABASE_URL: the address of the application's role.")
    crypto.load_key_ring(settings)
    if settings.redis_url:
        limits.share(settings.redis_url)
    policy.open_demo(is_demo=settings.is_demo)
    load_features("policies")
    load_features("jobs")
    single_sign_on.use_provider(sign_on_provider(settings))
    payments.use_processor(payment_processor(settings))
    scanning.use_scanner(scanner(settings))
    database = db.Database(settings.database_url, pool=settings.database_pool)
    db.use(database)
    garbage.collect_seldom()
    return database


def scanner(settings: Settings) -> Clamd | None:
    """Return who looks through files that are sent, None where nobody was set.

    Raises:
        SystemExit: if the address cannot be meant.
    """
    try:
        return Clamd(settings.clamd) if settings.clamd else None
    except ValueError:
        raise SystemExit("PORTAL_CLAMD must be the path of clamd's socket, or host:port.") from None


def sign_on_provider(settings: Settings) -> SignOnProvider | None:
    """Return the provider of single sign-on, None where none is set.

    Raises:
        SystemExit: if its settings cannot be meant.
    """
    if not settings.oidc_issuer:
        return None
    # Whoever sets no provider does not wait for what speaks with one.
    from portal_app.integrations.oidc.mapping import SettingRefused  # noqa: PLC0415
    from portal_app.integrations.oidc.provider import OidcProvider  # noqa: PLC0415
    from portal_app.integrations.oidc.reading import require_safe  # noqa: PLC0415

    if not settings.oidc_client_id:
        raise SystemExit("Set PORTAL_OIDC_CLIENT_ID: what the provider of PORTAL_OIDC_ISSUER calls this portal.")
    try:
        require_safe(settings.oidc_issuer)
        settings.oidc_client_secret  # noqa: B018 - read now, so that a wrong path is known at the start
        return OidcProvider(settings)
    except ProviderAway:
        raise SystemExit("PORTAL_OIDC_ISSUER must begin with https://.") from None
    except OSError as error:
        raise SystemExit(f"PORTAL_OIDC_CLIENT_SECRET_FILE cannot be read: {error.strerror}.") from None
    except SettingRefused as error:
        raise SystemExit(str(error)) from None


def open_workplace(settings: Settings) -> Workplace:
    """Open the portal for a worker, with everything that its jobs need from outside.

    Raises:
        SystemExit, crypto.DemoKeyRefused: as `open_portal` does; and SystemExit if texts are set up by half.
    """
    ports: dict[type, object] = {
        MailPort: SmtpMail(settings), TextPort: texts(settings), PushPort: pushes(settings),
        EligibilityPort: eligibility(settings),
    }  # fmt: skip
    database = open_portal(settings)
    online = {payments.PaymentPort: payments.processor_in_use(), AccountPort: processor_account(settings)}
    return Workplace(database, settings, ports | online)


def payment_processor(settings: Settings) -> payments.PaymentPort | None:
    """Return who takes payments online, None where no key is set.

    Raises:
        SystemExit: if the key cannot be meant.
    """
    if not settings.stripe_key:
        return None
    # Whoever takes none does not wait for what speaks with the processor.
    from portal_app.integrations.stripe.client import StripePayments  # noqa: PLC0415

    return StripePayments(settings)


def processor_account(settings: Settings) -> AccountPort | None:
    """Return the practice's account with the processor, None where no key is set."""
    if not settings.stripe_key:
        return None
    from portal_app.integrations.stripe.books import StripeAccount  # noqa: PLC0415 - as above

    return StripeAccount(settings)


def stripe_account(settings: Settings) -> ProcessorAccount:
    """Ask Stripe how the account of the settings is set up. Raises AccountAway."""
    from portal_app.integrations.stripe.account import look  # noqa: PLC0415 - only doctor needs it

    return look(settings)


def practise_payments(settings: Settings) -> int:
    """Run the stand-in for Stripe until told to stop. Raises ValueError anywhere but in a demo."""
    from portal_app.integrations.stripe.sandbox import process  # noqa: PLC0415 - nobody else needs it

    return process.main(settings)


def eligibility(settings: Settings) -> EligibilityPort:
    """Return who asks insurers: of the demo's own insurer, or nobody, so that the practice checks by itself."""
    if not settings.is_demo:
        return NobodyToAsk()
    from portal_app.integrations.eligibility.demo import DemoPayer  # noqa: PLC0415 - serve does without
    from portal_app.integrations.eligibility.x12 import X12Eligibility  # noqa: PLC0415

    return X12Eligibility(DemoPayer())


def texts(settings: Settings) -> TextPort:
    """Return who takes text messages: the demo's outbox page, the gateway of the settings, or nobody.

    Raises:
        SystemExit: if the settings name a gateway in a way that cannot be used.
    """
    if settings.is_demo:
        return CaughtTexts(outbox_folder(settings))
    return WebhookTexts(settings) if settings.sms_url else NoTexts()


def pushes(settings: Settings) -> PushPort:
    """Return who takes notifications: the demo's outbox page, the push services of the browsers, or nobody.

    Raises:
        crypto.KeyRingUnreadable: if the key for them cannot be used.
    """
    key = load_push_key(settings)
    if settings.is_demo:
        return CaughtPushes(outbox_folder(settings))
    if key is None:
        return NoPushes()
    # Whoever sends none does not wait for what encrypts them.
    from portal_app.integrations.push.web_push import WebPushes  # noqa: PLC0415

    return WebPushes(settings, key)
