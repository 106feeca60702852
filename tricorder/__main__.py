"""`tricorder`: hands over to the command line, and ends quietly at Ctrl-C also while that is imported, for 0.3 s."""

import signal
import sys

_INTERRUPTED = 128 + signal.SIGINT
"""`client.errors.INTERRUPTED_EXIT_CODE`, without the imports that it takes."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit."""
    try:
        from tricorder.command_line import run

        status = run(arguments)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        status = _INTERRUPTED
    sys.exit(status)


if __name__ == "__main__":
    main()
