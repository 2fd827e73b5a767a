"""`make bench` runs every measurement behind a claim."""

from __future__ import annotations

from bench import fitting, history, ledger, parsers, polling, sharing, usage, waiting
from bench.report import table


def main() -> None:
    print("Ledger: holds per second, synchronous=FULL")
    ledger.main(growth_too=True)
    print("\nSeveral processes on PostgreSQL")
    sharing.main()
    print("\nParsers")
    print(table(["what", "microseconds a call"], parsers.run()))
    print("\nFrom ready at the supplier to found")
    polling.main()
    print("\nTen thousand images being made at once")
    waiting.main()
    print("\nA page of history among the jobs of others")
    history.main()
    print("\nThe figures and charts of a server's month")
    usage.main()
    print("\nFitting a 20 MiB picture under 10 MiB")
    fitting.main()


if __name__ == "__main__":
    main()
