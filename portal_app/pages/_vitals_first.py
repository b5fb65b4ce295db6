"""The first look at one measure: `vitals_see` draws the same in its place, so nothing jumps when it does."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from portal_app.components import surfaces
from portal_app.core.i18n import _

# What `skeleton.card(240)` draws.
_BONES = Markup(
    '<div class="card content-between min-h-[240px]"><div class="bone w-[40%] h-[20px]"></div>'
    '<div class="bone w-[70%] h-[24px]"></div><div class="bone w-[100%] h-[56px]"></div></div>'
)


def draw(shown: Mapping[str, Any]) -> Markup:
    """Return the page's content as HTML, but for the table, which stands below."""
    return Markup('<div class="grid grid-cols-1 gap-6 content-start"><div>{}{}</div>{}{}</div>').format(
        _choice(_("How far back"), shown["periods"]), _choice(_("Which readings"), shown["parts"]), _lead(shown), _BONES
    )


def _choice(name: str, links: Sequence[Mapping[str, str]]) -> Markup:
    """Return what can be chosen, as links: they lead there before any script can; nothing where there is no choice."""
    current = Markup(' aria-current="true"')
    tabs = _joined(
        Markup('<a class="view-tab" href="{}"{}>{}</a>').format(
            one["href"], current if one["here"] else "", one["label"]
        )
        for one in links
    )
    drawn = Markup('<nav class="field" aria-label="{}"><div class="view-tabs">{}</div></nav>').format(name, tabs)
    return drawn if links else Markup()


def _lead(shown: Mapping[str, Any]) -> Markup:
    number = Markup(
        '<div><h2 class="text-small font-normal text-quiet">{lead}</h2><p class="tabular-nums"><bdi dir="ltr"'
        ' class="text-[2.5rem] leading-tight font-bold">{number}</bdi> <bdi>{unit}</bdi></p></div>'
    ).format(lead=shown["lead"], number=shown["number"], unit=shown["unit"])
    tone = surfaces.TONE_CLASS.get(shown["tone"]) or ""
    tag = Markup('<span class="tag {}">{}</span>').format(tone, shown["finding"])
    basis = Markup('<p class="text-small text-quiet">{}</p>').format(shown["basis"])
    halves = Markup("<p>{}</p>").format(shown["halves"])
    return Markup(
        '<section class="card card-first grid gap-3"><div class="flex flex-wrap items-end justify-between gap-3">'
        "{number}{tag}</div>{halves}{basis}{picture}{legend}{through}<p>{sentence}</p></section>"
    ).format(
        number=number, tag=tag if shown["finding"] else "", basis=basis if shown["basis"] else "",
        halves=halves if shown["halves"] else "",
        picture=_picture(shown), legend=_legend(shown["drawing"]),
        through=_through(shown["last"]) if shown["last"] else "", sentence=shown["sentence"],
    )  # fmt: skip


def _picture(shown: Mapping[str, Any]) -> Markup:
    drawing = shown["drawing"]
    marks = _joined(
        Markup(
            '<line x1="34" x2="314" y1="{at}" y2="{at}" class="chart-rule"></line>'
            '<text x="2" y="{y}" class="chart-words">{text}</text>'
        ).format(**mark)
        for mark in shown["marks"]
    )
    shapes = (
        ("line", "chart-line"), ("line2", "chart-line chart-second"), ("dots", "chart-dots"), ("dots2", "chart-dots"),
        ("visits", "chart-sign"), ("medicines", "chart-sign"),
    )  # fmt: skip
    paths = _joined(
        Markup('<path d="{}" class="{}"></path>').format(drawing[name], kind) for name, kind in shapes if drawing[name]
    )
    return Markup(
        '<svg viewBox="0 0 320 170" class="chart" role="img" aria-label="{title}. {sentence}"><rect x="34" width="280"'
        ' y="{top}" height="{height}" class="chart-band"></rect>{marks}{paths}<text x="34" y="162" class="chart-words">'
        '{begins}</text><text x="314" y="162" class="chart-words chart-end">{today}</text></svg>'
    ).format(
        title=shown["title"], sentence=shown["sentence"], top=drawing["top"], height=drawing["height"], marks=marks,
        paths=paths, begins=shown["begins"], today=_("Today"),
    )  # fmt: skip


def _legend(drawing: Mapping[str, str]) -> Markup:
    signs = (
        ("medicines", "M5 1l5 8h-10z", _("A medicine was started, changed or stopped")),
        ("visits", "M1 1h8v8h-8z", _("A visit")),
    )
    lines = _joined(
        Markup(
            '<p class="flex items-center gap-2 text-small text-quiet"><svg viewBox="0 0 10 10" class="size-3">'
            '<path d="{}" class="chart-sign"></path></svg>{}</p>'
        ).format(shape, text)
        for name, shape, text in signs
        if drawing[name]
    )
    return Markup('<div class="grid gap-1" aria-hidden="true">{}</div>').format(lines)


def _through(last: int) -> Markup:
    """Return where the slider will be: it moves nothing yet."""
    return Markup(
        '<div class="grid gap-1" aria-hidden="true"><span>{}</span><input type="range" min="0" max="{last}"'
        ' value="{last}" disabled dir="ltr" class="h-12 w-full"></div>'
    ).format(_("Go from reading to reading"), last=last)


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup().join(parts)
