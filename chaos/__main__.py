"""Breaks a newsroom of its own, on one machine, and checks: see chaos/trial.py.

python -m chaos [--seed N] [--seconds N] [--folder FOLDER] [NAME …]
"""

from chaos.installation import installed
from chaos.nemesis import FAULTS
from chaos.trial import Stage, main

if __name__ == "__main__":
    main(
        Stage(
            "python -m chaos",
            "Break things, and check.",
            FAULTS,
            lambda folder: installed(folder, apis=3, workers=2),
        )
    )
