"""What each open tab keeps of all states is what is its own; what is empty or alike in many tabs is kept once."""

import reflex as rx
from reflex.istate.manager import _release_state_tree

import portal_app.portal_app  # noqa: F401 - registers every page and state
from portal_app.state.base import PortalState
from portal_app.state.book import Book
from portal_app.state.book_rows import shared
from portal_app.state.notice import Notice


def _tree() -> rx.State:
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    root._clean()  # type: ignore[no-untyped-call]
    return root


async def test_states_without_others_below_them_share_what_says_so() -> None:
    one, other = await _tree().get_state(Book), await _tree().get_state(Notice)
    assert one.dirty_substates is other.dirty_substates
    assert one.substates is other.substates
    assert not one.substates
    assert one.dirty_vars is not other.dirty_vars


async def test_a_change_is_told_once_and_the_sharing_outlives_it() -> None:
    root = _tree()
    book = await root.get_state(Book)
    none = book.dirty_substates
    book.day_title = "Monday"
    assert root.get_delta()[Book.get_full_name()] == {"day_title_rx_state_": "Monday"}
    root._clean()  # type: ignore[no-untyped-call]
    assert Book.get_full_name() not in root.get_delta()
    assert book.dirty_substates is none
    assert not none


async def test_one_tree_that_is_let_go_leaves_the_others_whole() -> None:
    kept, dropped = _tree(), _tree()
    _release_state_tree(dropped)
    assert not dropped.substates
    (await kept.get_state(Book)).day_title = "Monday"
    assert kept.get_delta()[Book.get_full_name()] == {"day_title_rx_state_": "Monday"}


def test_every_state_of_ours_shares_it() -> None:
    tree = _tree()
    leaves = [one for one in tree.substates.values() if isinstance(one, PortalState) and not one.get_substates()]
    assert len(leaves) > 100
    assert len({id(one.dirty_substates) for one in leaves}) == 1


def test_a_row_that_many_see_is_kept_once() -> None:
    first, again = ({"value": "1", "label": "Dr. Ada Okafor"} for _ in range(2))
    assert first is not again
    assert shared(first) is shared(again)
    assert shared(first) == first
    assert shared({**first, "label": "Dr. Grace Lin"}) is not shared(first)
