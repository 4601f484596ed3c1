"""`python -m tests.faults.dying PLAN ...`: the local host, which dies or freezes at the step that the plan names.

The plan is a JSON file that is read when the process starts, `{"step": ..., "signal": ..., "seen": FILE}`, each of
which may be missing. Everything after it goes to the local host.
"""

import json
import signal
import sys
from pathlib import Path

from local_host.__main__ import main
from tests.faults.steps import Steps

if __name__ == "__main__":
    plan = json.loads(Path(sys.argv.pop(1)).read_text(encoding="utf-8"))
    seen = Path(plan["seen"]) if plan.get("seen") else None
    Steps(plan.get("step", ""), plan.get("signal", signal.SIGKILL), seen).watch()
    main()
