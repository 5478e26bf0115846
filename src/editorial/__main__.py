"""`python -m editorial` is the program `editorial`."""

import signal


def run() -> None:
    """Run the program. Ctrl-C while its parts are loaded ends it without a word, as it does elsewhere."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from editorial.cli.main import main

    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()


if __name__ == "__main__":
    run()
