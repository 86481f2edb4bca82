"""A worker whose collect and teach stages are real and the others take milliseconds: teach_worker.py HOME RUN."""

import sys
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from analytics.workspace import Workspace
from pipeline import worker
from pipeline.stages import collect, teach
from tests.pipeline.fake_worker import TABLE
from tests.pipeline.teaching.conftest import HURRY

REAL = TABLE | {"collect": collect.run, "teach": partial(teach.run, patience=HURRY)}

if __name__ == "__main__":
    sys.exit(worker.execute(Workspace(Path(sys.argv[1])), sys.argv[2], REAL))
