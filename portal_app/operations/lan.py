"""The demo for the phones of one's own network: an address they reach, a certificate for it, and a code to scan.

Camera and microphone want https. No authority signs a certificate for a private address, so the demo makes its own;
each browser warns of it once.
"""

import ipaddress
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Final

import segno
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from portal_app.operations.startup import CannotStart

_ELSEWHERE: Final = ("192.0.2.1", 9)
"""Nothing is sent there: the system only says from which address of ours it would."""
_GOOD_FOR: Final = timedelta(days=90)
_LEFT: Final = timedelta(days=7)
_PLAIN: Final = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
_COLOURS: Final = ("\x1b[97;40m", "\x1b[0m")
"""White on black, whatever the terminal's own are: some phones read no code in reverse."""


@dataclass(frozen=True)
class Tls:
    """What the web process shows to browsers."""

    certificate: Path
    key: Path


def own_address(wanted: str) -> str:
    """Return the address at which phones reach this machine: the one wanted, or the one it would go out by.

    Raises:
        CannotStart: if it is none of this machine's, or there is none.
    """
    try:
        found = str(ipaddress.IPv4Address(wanted)) if wanted else _way_out()
        with socket.socket() as probe:
            probe.bind((found, 0))
    except ValueError:
        raise CannotStart(f"{wanted} is no address. Write this machine's own, such as 192.168.1.20.") from None
    except OSError:
        words = f"{wanted} is no address of this machine." if wanted else "This machine is on no network."
        raise CannotStart(f"{words} Name its address: ./portal demo --lan 192.168.1.20") from None
    return found


def _way_out() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(_ELSEWHERE)
        return str(probe.getsockname()[0])


def certificate_for(address: str, folder: Path) -> Tls:
    """Return the certificate for an address, made anew only where none is left that is good for another week."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    tls = Tls(folder / "certificate.pem", folder / "key.pem")
    if not _is_good(tls, address):
        _make(tls, address)
    return tls


def _is_good(tls: Tls, address: str) -> bool:
    try:
        known = x509.load_pem_x509_certificate(tls.certificate.read_bytes())
        names = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    is_ours = ipaddress.ip_address(address) in names.get_values_for_type(x509.IPAddress)
    return is_ours and tls.key.exists() and known.not_valid_after_utc - datetime.now(UTC) > _LEFT


def _make(tls: Tls, address: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Sala's demo at {address}")])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number())
    built = built.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + _GOOD_FOR)
    at = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    built = built.add_extension(at, critical=False)
    # Phones of Apple trust one that was installed only if it may stand for itself, and for servers.
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    made = built.sign(key, hashes.SHA256())
    tls.key.unlink(missing_ok=True)
    descriptor = os.open(tls.key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(serialization.Encoding.PEM, *_PLAIN))
    tls.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))


def invitation(origin: str, tls: Tls, *, in_colour: bool) -> str:
    """Return what a person with a phone is shown: the code, and what does not work there."""
    drawn = StringIO()
    segno.make(origin, error="m", micro=False).terminal(drawn, border=3, compact=True)
    begin, end = _COLOURS if in_colour else ("", "")
    code = [f"  {begin}{line}{end}" for line in drawn.getvalue().splitlines()]
    return "\n".join(
        [
            "",
            *code,
            "",
            f"  Scan it with a phone on this network, or open {origin}",
            "  The browser warns of the certificate, which this demo made itself: go on all the same.",
            "  Passkeys and notifications (service workers) do not work with such a certificate; the demo's own",
            "  sign-in does, and video. An iPhone connects its pages only once it trusts the certificate: send it",
            f"  {tls.certificate}",
            "  and switch it on under Settings, General, About, Certificate Trust Settings.",
            "  Everybody on this network can open the demo. All its patients are made up; enter no real ones.",
        ]
    )
