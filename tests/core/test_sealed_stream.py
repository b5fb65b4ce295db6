"""Long content under one key: nothing can be changed, moved or left off unnoticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.core.sealed_stream import PIECE_BYTES, ContentDamaged, Opener, Sealer, make_key

KEY = make_key()
SEALED_PIECE = PIECE_BYTES + 16
HEAD = 15


def seal(content: bytes, *, key: bytes = KEY, about: bytes = b"") -> bytes:
    sealer = Sealer(key, about)
    return sealer.update(content) + sealer.finish()


def open_again(sealed: bytes, *, key: bytes = KEY, about: bytes = b"", step: int = 100_000) -> bytes:
    opener = Opener(key, about)
    return b"".join(opener.update(sealed[i : i + step]) for i in range(0, len(sealed), step)) + opener.finish()


@pytest.mark.parametrize("length", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
def test_content_of_any_length_comes_back(length: int) -> None:
    content = bytes(i % 251 for i in range(length))
    assert open_again(seal(content)) == content


@given(content=st.binary(max_size=2000), step=st.integers(1, 700))
def test_parts_of_any_length_make_no_difference(content: bytes, step: int) -> None:
    sealer = Sealer(KEY)
    parts = [sealer.update(content[i : i + step]) for i in range(0, len(content), step)]
    assert open_again(b"".join(parts) + sealer.finish(), step=step) == content


def test_content_cut_at_a_piece_is_refused() -> None:
    sealed = seal(b"x" * (3 * PIECE_BYTES))
    with pytest.raises(ContentDamaged):
        open_again(sealed[: HEAD + SEALED_PIECE])


def test_pieces_in_another_order_are_refused() -> None:
    sealed = seal(b"x" * (3 * PIECE_BYTES))
    head, first, second, rest = (
        sealed[:HEAD],
        sealed[HEAD : HEAD + SEALED_PIECE],
        sealed[HEAD + SEALED_PIECE : HEAD + 2 * SEALED_PIECE],
        sealed[HEAD + 2 * SEALED_PIECE :],
    )
    with pytest.raises(ContentDamaged):
        open_again(head + second + first + rest)


@given(place=st.integers(0, 200))
def test_any_changed_byte_is_refused(place: int) -> None:
    sealed = bytearray(seal(b"y" * 170))
    sealed[place] ^= 1
    with pytest.raises(ContentDamaged):
        open_again(bytes(sealed))


def test_another_key_or_another_owner_is_refused() -> None:
    sealed = seal(b"content", about=b"file 1")
    with pytest.raises(ContentDamaged):
        open_again(sealed, about=b"file 2")
    with pytest.raises(ContentDamaged):
        open_again(sealed, key=make_key(), about=b"file 1")


@pytest.mark.parametrize("sealed", [b"", b"SALA", b"not ours at all, but long enough"])
def test_what_was_never_sealed_is_refused(sealed: bytes) -> None:
    with pytest.raises(ContentDamaged):
        open_again(sealed)
