"""Run one benchmark of `bench/` as `./portal bench NAME`."""

import subprocess
import sys

from portal_app.operations.places import CHECKOUT


def main(name: str, arguments: list[str]) -> int:
    """Run `bench/NAME.py` and return its exit code; its last line is a JSON object with the figures."""
    known = sorted(path.stem for path in (CHECKOUT / "bench").glob("*.py") if not path.stem.startswith("_"))
    if name not in known:
        print(f"There is no benchmark {name!r}. There are: {', '.join(known)}.", file=sys.stderr)
        return 2
    return subprocess.run([sys.executable, "-m", f"bench.{name}", *arguments], cwd=CHECKOUT, check=False).returncode
