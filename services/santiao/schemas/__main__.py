"""For those who change an event: `python -m santiao.schemas generate | release | check [FOLDER]`."""

import argparse
import sys
from pathlib import Path

from santiao.schemas.check import run_check
from santiao.schemas.generate import run_generate, run_release


def main(arguments: list[str] | None = None) -> int:
    """Run one of the three and tell what it did; the folder is `schemas` below the present one unless named."""
    parser = argparse.ArgumentParser(prog="python -m santiao.schemas", description=__doc__)
    parser.add_argument("task", choices=("generate", "release", "check"))
    parser.add_argument("folder", nargs="?", type=Path, default=Path("schemas"))
    chosen = parser.parse_args(arguments)
    if not chosen.folder.is_dir():
        parser.error(f"{chosen.folder} is no folder; run this from the root of the checkout, or name it")
    if chosen.task == "generate":
        lines = [
            f"{'removed' if change.text is None else 'wrote'} {change.path}" for change in run_generate(chosen.folder)
        ]
        return _tell(lines or ["up to date"], 0)
    report = run_check(chosen.folder)
    if report.problems or chosen.task == "check":
        return _tell(report.lines(), report.exit_code)
    return _tell([f"released {path}" for path in run_release(chosen.folder)] or ["nothing new to release"], 0)


def _tell(lines: list[str], exit_code: int) -> int:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
