"""Writes the lock files in `requirements/`: every package with its version and its hashes, for all Pythons at once.

The rule kept here: one resolution. `develop.txt` holds everything a developer's machine needs and constrains the others,
so that what is tested is what runs. Known versions are kept; `--upgrade` looks for newer ones.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST_PYTHON = "3.11"

# Which inputs and extras go into which file; the first constrains those after it.
LOCKS: dict[str, list[str]] = {
    "develop": [
        "pyproject.toml",
        "requirements/build.in",
        *(f"--extra={extra}" for extra in ("sftp", "postgres", "kafka", "telemetry", "test", "lint", "bench")),
    ],
    "run": ["pyproject.toml"],
    "cluster": ["pyproject.toml", *(f"--extra={extra}" for extra in ("sftp", "postgres", "kafka", "telemetry"))],
    "build": ["requirements/build.in"],
    "lock": ["requirements/lock.in"],
    "components": ["--no-deps", "requirements/components.in"],
}


def find_uv() -> str:
    """Return the `uv` of the virtual environment, else the machine's. Its resolution covers several Pythons in one file."""
    found = shutil.which("uv", path=str(ROOT / ".venv" / "bin")) or shutil.which("uv")
    if found is None:
        sys.exit("tools/lock.py needs uv, which `make lock` installs into .venv: run `make lock`.")
    return found


def compile_command(uv: str, name: str, inputs: list[str], extra: list[str]) -> list[str]:
    """Return the command that writes one lock file, free of index addresses and of this machine's paths."""
    constraint = [] if name in ("develop", "components") else ["--constraint=requirements/develop.txt"]
    return [
        uv,
        "pip",
        "compile",
        *inputs,
        *constraint,
        "--universal",
        f"--python-version={OLDEST_PYTHON}",
        "--generate-hashes",
        "--no-emit-index-url",
        "--no-emit-find-links",
        "--custom-compile-command=make lock",
        "--no-config",
        "--quiet",
        f"--output-file=requirements/{name}.txt",
        *extra,
    ]


def main() -> None:
    """Write every lock file, saying which."""
    uv = find_uv()
    for name, inputs in LOCKS.items():
        print(f"lock: requirements/{name}.txt", file=sys.stderr)
        subprocess.run(compile_command(uv, name, inputs, sys.argv[1:]), cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
