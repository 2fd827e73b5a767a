"""`python -m bot` is the `stillframe` command."""

from bot.cli import main

if __name__ == "__main__":
    main()
