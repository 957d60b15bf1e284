"""Every figure this project claims, measured here, beside what a user would pick instead.

Results are printed as they come and kept in benchmarks/results, in a file named for the date and
the machine. What was measured before that day on that machine stays in the file; the page of the
documentation shows the latest of each.
"""

import argparse
import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import results
from benchmarks.options import Options, python_with
from benchmarks.results import Row
from benchmarks.steps import BOUNDS, Bounds
from benchmarks.tables import HEADER, PAGE, in_line, page_of

_NAMES = (
    "process_mining",
    "simulator",
    "marts",
    "days",
    "forecasting",
    "capacity",
    "risk",
    "zendesk",
    "dashboard",
    "analysis",
    "pipeline",
)
_QUICK_SIZES = (500,)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is asked for, or make the documentation's page of what was."""
    given = _parser().parse_args(arguments)
    if given.render:
        runs = results.read_all(given.results)
        if not runs:
            raise SystemExit("no results are kept yet; make some with `make bench`")
        page = page_of(runs, BOUNDS)
        PAGE.write_text(page, encoding="utf-8")
        return
    options = Options(
        sizes=sorted(given.sizes or (_QUICK_SIZES if given.quick else Options().sizes)),
        bounds=Bounds(given.seconds, given.gib),
        is_quick=given.quick,
        logs=given.logs,
        pm4py=python_with("pm4py", given.pm4py_python),
        streamlit=python_with("streamlit", given.streamlit_python),
        data_dir=given.data_dir,
    )
    print(HEADER, flush=True)
    for row in results.kept_in(results.new_file(given.results), _rows(given.names, options)):
        print(in_line(row), flush=True)


def _rows(names: Sequence[str], options: Options) -> Iterator[Row]:
    for name in names or _NAMES:
        yield from importlib.import_module(f"benchmarks.{name}").rows(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("names", nargs="*", help=f"of {', '.join(_NAMES)}; all, if none is named")
    add("--sizes", nargs="+", type=int, metavar="TICKETS", help="50000 500000 5000000")
    add("--quick", action="store_true", help="tiny sizes, to see that everything works")
    add("--render", action="store_true", help="make the documentation's page of what is kept")
    add("--results", type=Path, default=results.FOLDER, metavar="DIR", help="where to keep them")
    add("--seconds", type=float, default=BOUNDS.seconds, help="a step may take (600)")
    add("--gib", type=float, default=BOUNDS.gib, help="of memory a step may take (8)")
    add("--logs", type=Path, default=Options.logs, metavar="DIR", help="of the real logs")
    add("--data-dir", type=Path, metavar="DIR", help="whose snapshot the dashboard serves")
    for peer in ("pm4py", "streamlit"):
        add(f"--{peer}-python", metavar="PATH", help=f"a Python that has {peer}")
    return parser


if __name__ == "__main__":
    main()
