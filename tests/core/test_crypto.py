"""Secrets at rest: what the key ring and the encrypted types promise."""

import os
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql

from portal_app.core import crypto
from portal_app.core.crypto import EncryptedJSON, EncryptedText, KeyRing, KeyRingFile
from portal_app.settings import Settings


@pytest.fixture
def ring_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeyRingFile:
    monkeypatch.setattr(crypto, "_opened", None)
    settings = Settings(mode="test", data_dir=tmp_path)
    crypto.load_key_ring(settings)
    return KeyRingFile(settings.key_path)


def test_what_is_encrypted_opens_again_and_does_not_show(ring_file: KeyRingFile) -> None:
    stored = crypto.encrypt("Zoë Ångström, زينب")
    assert "ngstr" not in stored
    assert crypto.decrypt(stored) == "Zoë Ångström, زينب"


def test_equal_texts_are_stored_differently(ring_file: KeyRingFile) -> None:
    assert crypto.encrypt("same") != crypto.encrypt("same")


def test_stored_text_names_its_key(ring_file: KeyRingFile) -> None:
    ring_file.write(ring_file.current().with_new_key())
    assert crypto.encrypt("x").startswith("2:")


def test_a_rotated_file_is_noticed_at_the_next_use(ring_file: KeyRingFile) -> None:
    before = crypto.encrypt("before")
    other_process = KeyRingFile(ring_file.path)
    other_process.write(other_process.current().with_new_key())
    assert crypto.encrypt("after").startswith("2:")
    assert crypto.decrypt(before) == "before"


def test_a_dropped_key_opens_nothing(ring_file: KeyRingFile) -> None:
    old = crypto.encrypt("old")
    ring_file.write(ring_file.current().with_new_key().with_newest_only())
    with pytest.raises(crypto.SecretUnreadable):
        crypto.decrypt(old)


@pytest.mark.parametrize("place", [0, 5, -5])
def test_a_changed_token_is_refused(ring_file: KeyRingFile, place: int) -> None:
    head, token = crypto.encrypt("value").split(":")
    letters = list(token)
    letters[place] = "A" if letters[place] != "A" else "B"
    with pytest.raises(crypto.SecretUnreadable):
        crypto.decrypt(f"{head}:{''.join(letters)}")


def test_ring_file_is_for_its_owner_only(ring_file: KeyRingFile) -> None:
    assert ring_file.path.stat().st_mode & 0o777 == 0o600
    assert ring_file.path.parent.stat().st_mode & 0o777 == 0o700


def test_folders_on_the_way_are_private_too(tmp_path: Path) -> None:
    crypto.write_private(tmp_path / "a" / "b" / "c" / "file", b"")
    assert {(tmp_path / path).stat().st_mode & 0o777 for path in ("a", "a/b", "a/b/c")} == {0o700}


def test_ring_that_others_may_read_is_refused(ring_file: KeyRingFile) -> None:
    ring_file.path.chmod(0o644)
    with pytest.raises(crypto.KeyRingUnreadable, match="chmod 600"):
        KeyRingFile(ring_file.path).current()


@pytest.mark.parametrize("content", ["", "{}", '{"format": 1, "demo": false, "index": "", "keys": []}', "[1]"])
def test_file_that_is_no_ring_is_refused(tmp_path: Path, content: str) -> None:
    crypto.write_private(tmp_path / "ring", content.encode())
    with pytest.raises(crypto.KeyRingUnreadable):
        KeyRingFile(tmp_path / "ring").current()


def test_serving_refuses_the_ring_a_demo_made(tmp_path: Path) -> None:
    crypto.load_key_ring(Settings(mode="demo", data_dir=tmp_path))
    with pytest.raises(crypto.DemoKeyRefused):
        crypto.load_key_ring(Settings(mode="serve", data_dir=tmp_path))


def test_serving_never_makes_a_ring(tmp_path: Path) -> None:
    with pytest.raises(crypto.KeyRingMissing):
        crypto.load_key_ring(Settings(mode="serve", data_dir=tmp_path))
    assert not list(tmp_path.iterdir())


def test_keys_never_show_where_objects_are_printed(ring_file: KeyRingFile) -> None:
    ring = ring_file.current()
    assert ring.newest.secret not in repr(ring)
    assert repr(ring.index_secret) not in repr(ring)


def test_a_ring_that_is_there_is_never_replaced_by_a_first_one(ring_file: KeyRingFile) -> None:
    before = ring_file.current()
    with pytest.raises(FileExistsError):
        ring_file.make(KeyRing.make(demo=True))
    assert KeyRingFile(ring_file.path).current() == before


def test_serving_takes_a_ring_made_for_it(tmp_path: Path) -> None:
    settings = Settings(mode="serve", data_dir=tmp_path)
    KeyRingFile(settings.key_path).write(KeyRing.make(demo=False))
    assert not crypto.load_key_ring(settings).demo


def test_an_unfinished_write_leaves_the_old_ring(ring_file: KeyRingFile, monkeypatch: pytest.MonkeyPatch) -> None:
    before = ring_file.current()
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        ring_file.write(before.with_new_key())
    assert KeyRingFile(ring_file.path).current() == before
    assert [entry.name for entry in ring_file.path.parent.iterdir()] == ["ring"]


def test_blind_index_is_the_same_for_the_same_address_however_typed(ring_file: KeyRingFile) -> None:
    assert crypto.blind_index(" Ana@Example.org ") == crypto.blind_index("ana@example.org")
    assert crypto.blind_index("ana@example.org") != crypto.blind_index("eva@example.org")
    assert crypto.blind_index("1", purpose="phone") != crypto.blind_index("1", purpose="email")


def test_blind_index_outlives_a_rotation_and_differs_between_portals(ring_file: KeyRingFile) -> None:
    before = crypto.blind_index("ana@example.org")
    ring_file.write(ring_file.current().with_new_key().with_newest_only())
    assert crypto.blind_index("ana@example.org") == before
    ring_file.write(KeyRing.make(demo=True))
    assert crypto.blind_index("ana@example.org") != before


def test_column_types_store_tokens_and_keep_null(ring_file: KeyRingFile) -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    stored = EncryptedJSON().process_bind_param({"code": "123456"}, dialect)
    assert stored is not None
    assert "123456" not in stored
    assert EncryptedJSON().process_result_value(stored, dialect) == {"code": "123456"}
    assert EncryptedText().process_bind_param(None, dialect) is None
    assert EncryptedText().process_result_value(None, dialect) is None
