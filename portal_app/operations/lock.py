"""Pin every package, for every platform, by hash; no address of a registry is written down."""

import subprocess
import sys

from portal_app.operations.dependencies import LIST, as_page
from portal_app.operations.places import CHECKOUT

_LOCKS = (("requirements.lock", ()), ("requirements-dev.lock", ("--group", "dev", "-c", "requirements.lock")))


def main() -> int:
    """Write both locks anew with the newest versions that pyproject.toml allows."""
    for name, selection in _LOCKS:
        command = ["uv", "pip", "compile", "pyproject.toml", *selection, "--universal", "--python-version", "3.11"]
        command += ["--generate-hashes", "--no-emit-index-url", "--upgrade", "--quiet", "--output-file", name]
        command += ["--custom-compile-command", "./portal lock"]
        code = subprocess.run(command, cwd=CHECKOUT, check=False).returncode
        if code != 0:
            print(f"{name} was not written.", file=sys.stderr)
            return code
    LIST.write_text(as_page())
    print("Pinned. Run ./portal test before committing the locks.")
    return 0
