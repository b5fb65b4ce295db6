"""What hangs on what: conditions and sums name questions that are there, and nothing waits for itself."""

from collections.abc import Iterator, Mapping, Sequence

from portal_app.features.intake.items import Item
from portal_app.features.intake.parts import Faults


def check_wiring(items: Sequence[Item], paths: Mapping[str, str], faults: Faults) -> None:
    """Note conditions on questions that are not there or out of reach, circles, and sums of what has no weight.

    `paths` says where in the questionnaire each item stands, by its linkId.
    """
    found = dict(_placed(items, (), ()))
    for link_id, (item, groups, _above) in found.items():
        path = paths[link_id]
        for one in item.when:
            target = found.get(one.question)
            if target is None or not target[0].is_question():
                faults.note(f"{path}.enableWhen", "unknown_question")
            elif groups[: len(target[1])] != target[1]:
                faults.note(f"{path}.enableWhen", "question_in_another_group")
        for part in item.sum_of:
            if part not in found or not any(option.weight is not None for option in found[part][0].options):
                faults.note(f"{path}.extension(sum)", "nothing_to_sum")
            elif found[part][1]:
                faults.note(f"{path}.extension(sum)", "sum_of_repeated")
    if not faults.found:
        _check_circles({link: _waits_for(item, above) for link, (item, _groups, above) in found.items()}, paths, faults)


_Placed = tuple[Item, tuple[str, ...], tuple[str, ...]]


def _placed(items: Sequence[Item], groups: tuple[str, ...], above: tuple[str, ...]) -> Iterator[tuple[str, _Placed]]:
    for item in items:
        yield item.link_id, (item, groups, above)
        inner = (*groups, item.link_id) if item.type == "group" and item.repeats else groups
        yield from _placed(item.items, inner, (*above, item.link_id))


def _waits_for(item: Item, above: tuple[str, ...]) -> tuple[str, ...]:
    return (*(one.question for one in item.when), *above[-1:])


def _check_circles(waits: Mapping[str, Sequence[str]], paths: Mapping[str, str], faults: Faults) -> None:
    """Walk without recursion: a chain of conditions may be as long as the form."""
    done: set[str] = set()
    for start in waits:
        path: list[tuple[str, Iterator[str]]] = [(start, iter(waits[start]))] if start not in done else []
        open_now = {start}
        while path:
            name, rest = path[-1]
            following = next(rest, None)
            if following is None:
                path.pop()
                open_now.discard(name)
                done.add(name)
            elif following in open_now:
                faults.note(f"{paths[name]}.enableWhen", "circle")
                return
            elif following not in done:
                open_now.add(following)
                path.append((following, iter(waits[following])))
