"""The one command: mounts the command groups of the rooms and nothing else."""

import sys

from cyclopts import App

from analytics.errors import SpiritsafeError
from analytics.terminal import progress, quiet_pipe

HELP = "Should this LLM job be distilled into a small model of our own, what will that pay, and did it?"


def build() -> App:
    """The whole command tree."""
    import analytics.cli
    import dashboard.cli
    import pipeline.cli
    import pipeline.demo

    app = App(name="spiritsafe", help=HELP, version="0.1.0", result_action="return_value")
    for room in (analytics.cli, pipeline.cli, pipeline.demo, dashboard.cli):
        room.mount(app)
    return app


def main() -> None:
    """Entry point: an error a person can act on is one line and an exit code, anything else a traceback."""
    try:
        with quiet_pipe():
            code = build()()
    except SpiritsafeError as error:
        from rich.markup import escape

        progress.print(f"[bold red]error:[/] {escape(str(error))}", markup=True, soft_wrap=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        progress.print("interrupted; what was committed is kept")
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
