"""The content policy allows exactly what the build wrote."""

import base64
import hashlib

from portal_app.web.csp import document_policy, plain_policy, script_hashes, style_hashes

HTML = '<script async src="/a.js"></script><script>one()</script><script type="module">two()</script><style>p{}</style>'


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_each_inline_script_has_its_hash_and_files_have_none() -> None:
    assert script_hashes(HTML) == sorted([_source("one()"), _source("two()")])


def test_the_same_script_twice_needs_one_hash() -> None:
    assert len(script_hashes("<script>a()</script><script>a()</script>")) == 1


def test_a_document_may_run_those_scripts_and_talk_to_us_alone() -> None:
    policy = document_policy(["'sha256-x'"], ["ws://localhost:4100"])

    assert "script-src 'self' 'sha256-x';" in policy
    assert "connect-src 'self' ws://localhost:4100;" in policy
    assert policy.startswith("default-src 'none'")


def test_a_plain_page_runs_nothing_and_keeps_its_style() -> None:
    assert style_hashes(HTML) == [_source("p{}")]
    assert f"style-src {_source('p{}')};" in plain_policy(HTML)
    assert "script-src" not in plain_policy(HTML)
