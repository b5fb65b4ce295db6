"""Pure decisions about signing in."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

CODE_LIFE = timedelta(minutes=10)
CODE_DIGITS = 6
CODE_TRIES = 5
"""Wrong codes after which a code no longer counts."""
NEW_BROWSER_CODES = ((timedelta(hours=1), 5), (timedelta(days=1), 20))
"""How many codes all the browsers a person never signed in on get for that person together: 100 guesses a day."""
KNOWN_BROWSER_CODES = ((timedelta(hours=1), 10), (timedelta(days=1), 40))
"""How many codes one browser gets for a person who signed in on it before; nobody else can use these up."""
CONTACT_CODES = ((timedelta(hours=1), 5), (timedelta(days=1), 15))
"""How many codes go to one telephone or new address, whoever asks, and how many one person gets sent there."""
KNOWN_BROWSER_LIFE = timedelta(days=365)
"""How long a browser stays known after its last sign-in (browsers keep no cookie longer than 400 days)."""
CHALLENGE_LIFE = timedelta(minutes=5)
"""How long a browser has to answer with a passkey; the sign-in page asks for another question in time."""
SIGN_ON_LIFE = timedelta(minutes=5)
"""How long a browser may stay at the provider of single sign-on."""
JOIN_LIFE = timedelta(minutes=15)
"""How long somebody who came back from there has to prove their account here: a code may take a while."""
PASSKEYS_MOST = 20
PASSKEY_NAME_MOST = 60
FRESH_LIFE = timedelta(minutes=10)
"""How long after signing in somebody may change how they sign in."""
FORMER_LIFE = timedelta(days=30)
"""How long an address that was changed is told too, when somebody got in without the owner's passkey."""
FACTOR_TRIES = ((timedelta(minutes=15), 5), (timedelta(days=1), 20))
"""How many wrong second factors one person may type, in all their sessions together."""
APP_STEP_S = 30
"""How long one code of an authenticator app is shown (RFC 6238); the one before and the one after fit too."""
RECOVERY_CODES = 10
SPOKEN_LENGTH = 10
SPOKEN_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""What codes that people read to each other are made of: nothing that looks like something else."""
RESET_SET_UP_LIFE = timedelta(hours=24)
FIRST_SET_UP_LIFE = timedelta(days=3)
"""How long the code counts with which somebody sets up a second factor."""
RESET_REASONS = ("lost", "broken", "replaced", "misused")
GIVEN_CODE_LIFE = timedelta(days=3)
"""How long the code counts that the front desk gives to a patient who lost their phone."""
KNOWN_BY = ("document", "in_person", "called_back")
"""How the front desk made sure who it is before it reset a sign-in."""
INVITATION_LIFE = timedelta(days=7)
RELATIONSHIPS = ("partner", "child", "parent", "sibling", "friend", "guardian", "carer", "other")
SHARES = {
    "booking_view": ("view", "booking"), "booking_act": ("act", "booking"),
    "visits_view": ("view", "visits"), "visits_act": ("act", "visits"),
    "forms_view": ("view", "forms"), "forms_act": ("act", "forms"),
    "messages_view": ("view", "messages"), "messages_act": ("act", "messages"),
    "results_view": ("view", "results"), "notes_view": ("view", "notes"),
    "vitals_view": ("view", "vitals"), "vitals_act": ("act", "vitals"),
    "bills_view": ("view", "bills"), "bills_act": ("act", "bills"),
}  # fmt: skip
"""What may be shared with a caregiver, by its name: never the profile, which decides who else may."""
SHARED_PARTS = tuple(dict.fromkeys(section for _verb, section in SHARES.values()))
"""The parts of a chart that may be shared, in their order; of results and notes there is nothing to act in."""
NOT_SHARED = "no"
DOCUMENT_KINDS = ("court_order", "power_of_attorney", "consent")
CHECKED_WITHIN = timedelta(days=2)
"""How soon staff see to what a patient ended, or asks, about somebody whom the practice set."""
NOTE_MOST = 500
SHARE_LIVES = {"months": timedelta(days=91), "year": timedelta(days=365), "open": None}
PATIENT_SESSION_LIFE = timedelta(days=14)
STAFF_SESSION_LIFE = timedelta(hours=12)

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}")


def normalised_email(typed: str) -> str | None:
    """Return an e-mail address as it is looked up, or None if it cannot be one.

    Case is folded in both parts: no provider in use tells two people apart by it.
    """
    address = unicodedata.normalize("NFKC", typed).strip().casefold()
    return address if len(address) <= 254 and _EMAIL.fullmatch(address) else None


def normalised_code(typed: str) -> str | None:
    """Return six ASCII digits from what was typed or pasted in any script, or None."""
    kept = [character for character in typed[:64] if not character.isspace() and character != "-"]
    if len(kept) != CODE_DIGITS or not all(character.isdecimal() for character in kept):
        return None
    return "".join(str(unicodedata.decimal(character)) for character in kept)


def normalised_spoken(typed: str) -> str | None:
    """Return a recovery or set-up code as it is kept, from what was typed or pasted, or None if it cannot be one."""
    kept = "".join(character for character in unicodedata.normalize("NFKC", typed[:64]).lower() if character.isalnum())
    digits = "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in kept)
    return digits if len(digits) == SPOKEN_LENGTH and set(digits) <= set(SPOKEN_LETTERS) else None


def spoken(code: str) -> str:
    """Return a recovery or set-up code in two groups, as it is read out."""
    return f"{code[:5]}-{code[5:]}"


def app_steps(at: datetime) -> range:
    """Return the numbers of the codes that an authenticator app may show now: its clock may be half a minute off."""
    step = int(at.timestamp()) // APP_STEP_S
    return range(step - 1, step + 2)


def session_expiry(at: datetime, *, is_staff: bool) -> datetime:
    """Return when a session made now ends by itself: a shift for staff, two weeks on a patient's own phone."""
    return at + (STAFF_SESSION_LIFE if is_staff else PATIENT_SESSION_LIFE)


def is_copied(counted: int, known_count: int) -> bool:
    """Tell whether a passkey's count of uses did not grow, as happens when two devices hold the same key.

    Passkeys that are kept in several places on purpose always say nought (WebAuthn Level 3, 6.1.1).
    """
    return counted != 0 and known_count != 0 and counted <= known_count


def passkey_name(typed: str) -> str | None:
    """Return the name somebody gives a passkey, or None if nothing is left of it or it is too long."""
    name = " ".join(character for character in typed.split() if character.isprintable())
    return name if 0 < len(name) <= PASSKEY_NAME_MOST else None


def shared_sections(ticked: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the sections that may be viewed and those that may be acted in; whoever may act may view.

    Names of nothing that may be shared count for nothing.
    """
    given = [SHARES[name] for name in ticked if name in SHARES]
    return sorted({section for _verb, section in given}), sorted({section for verb, section in given if verb == "act"})


def ticked_shares(view_sections: Collection[str], act_sections: Collection[str]) -> list[str]:
    """Return the names of what is shared."""
    held = {"view": view_sections, "act": act_sections}
    return [name for name, (verb, section) in SHARES.items() if section in held[verb]]


def chosen_shares(form: Mapping[str, object]) -> tuple[str, ...]:
    """Return what was chosen in a form that asks for each part how much of it is shared."""
    return tuple(name for name, (_verb, section) in SHARES.items() if form.get(section) == name)


def choice_of_parts(ticked: Iterable[str]) -> dict[str, str]:
    """Return what is chosen for each part, where this is shared: to act in it, to see it, or nothing."""
    return dict.fromkeys(SHARED_PARTS, NOT_SHARED) | {SHARES[name][1]: name for name in SHARES if name in set(ticked)}


def rests_on_own_will(kind: str, relationship: str, *, was_minor: bool, is_under_order: bool) -> bool:
    """Tell whether a patient may take back by themself what a document of this kind says, or "" for none.

    What was set while they were a minor bears somebody else's signature or the law's, as a guardian's does. Who gives a
    power of attorney is an adult who acts for themself: nobody in whose place a court has put another.
    """
    if kind == "":
        return True
    if was_minor or relationship == "guardian":
        return False
    return kind == "consent" or (kind == "power_of_attorney" and not is_under_order)


_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"),
             ("SamsungBrowser/", "Samsung Internet"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"),
             ("Safari/", "Safari"))  # fmt: skip
_DEVICES = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
            ("CrOS", "Chromebook"), ("Mac OS X", "Mac"), ("Linux", "Linux"))  # fmt: skip


def device_name(user_agent: str) -> str:
    """Return what a browser says it is, such as "Chrome, Android", or "" if nobody would know it by that."""
    found = [next((name for mark, name in kind if mark in user_agent), "") for kind in (_BROWSERS, _DEVICES)]
    return ", ".join(name for name in found if name)


def shortened_network(address: str) -> str:
    """Return the beginning of a network address, by which people know their own again; "" if there is none.

    Nothing is read from it about places: what such addresses tell of them is often wrong.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return ":".join(f"{int(group, 16):x}" for group in parsed.exploded.split(":")[:3]) + "…"
    return ".".join(str(parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else parsed).split(".")[:3]) + "…"


def safe_next(target: str) -> str:
    r"""Return where to go after signing in: a path of ours, or home.

    A target that a browser could read as another host (`//evil`, `/\evil`, `https:`), now or once its language is
    taken off (`/es//evil`), becomes home.
    """
    path = target.strip()
    is_local = path.startswith("/") and not path.startswith(("/auth/", "/_")) and "//" not in path.partition("?")[0]
    has_odd = any(ord(character) < 32 or character in "\\<>\"'" for character in path)
    return path if is_local and not has_odd and len(path) <= 512 else "/"
