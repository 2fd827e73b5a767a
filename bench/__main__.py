"""`make bench`: every measurement behind a claim, in one run."""

from __future__ import annotations

from bench import fitting, ledger, parsers
from bench.report import table


def main() -> None:
    print("Ledger: holds per second, synchronous=FULL")
    ledger.main(growth_too=True)
    print("\nParsers")
    print(table(["what", "microseconds a call"], parsers.run()))
    print("\nFitting a 20 MiB picture under 10 MiB")
    fitting.main()


if __name__ == "__main__":
    main()
