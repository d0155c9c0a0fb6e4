"""A solver child that misbehaves in the way its request asks for; nothing else here is a stand-in."""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
folder = Path(sys.argv[1])
fault = json.loads((folder / "request.json").read_text())["fault"]
PLAN = {"stop_reason": "optimal", "objective": 1.0}
STUDY = {"stop_reason": "cancelled", "value": 1.0}


def leave(plan: str = json.dumps(PLAN), *, without: str = "") -> None:
    result = folder / "result"
    result.mkdir()
    for name in ("plan.json", "routes.geojson", "route_sheet.csv", "unserved.json", "report.html"):
        if name != without:
            (result / name).write_text(plan if name == "plan.json" else "{}")


if fault == "segfault":
    os.kill(os.getpid(), signal.SIGSEGV)
elif fault == "no result":
    sys.exit(0)
elif fault == "half a result":
    leave(without="report.html")
elif fault == "truncated plan":
    leave(json.dumps(PLAN)[:-5])
elif fault == "infinite objective":
    leave('{"stop_reason": "optimal", "objective": Infinity}')
elif fault == "garbage on the pipe":
    os.write(1, b"\xff\xfe not json\n" + b"x" * 10_000_000 + b"\n[1, 2]\n")
    print(json.dumps({"elapsed_s": 0.1, "objective": 2.0, "best_bound": 1.0, "gap": 0.5}), flush=True)
    leave()
elif fault == "out of memory":
    sys.exit(4)
elif fault == "cpu limit":
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGXCPU)
elif fault == "deaf":
    print(json.dumps({"elapsed_s": 0.1, "objective": 2.0, "best_bound": 1.0, "gap": 0.5}), flush=True)
    time.sleep(600)
elif fault == "leaves its result and hears nothing":
    leave(json.dumps({**PLAN, "stop_reason": "cancelled"}))
    print(json.dumps({"elapsed_s": 0.1, "objective": 2.0, "best_bound": 1.0, "gap": 0.5}), flush=True)
    time.sleep(600)
elif fault == "ends when asked":
    asked = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: asked.set())
    print(json.dumps({"elapsed_s": 0.1, "objective": 2.0, "best_bound": 1.0, "gap": 0.5}), flush=True)
    asked.wait()
    leave()
    (folder / "result/study.json").write_text(json.dumps(STUDY))
elif fault == "busy":
    print(json.dumps({"elapsed_s": 0.1, "objective": 2.0, "best_bound": 1.0, "gap": 0.5}), flush=True)
    while True:
        pass
elif fault == "silent":
    time.sleep(600)
elif fault == "closes its pipe and stays":
    os.close(1)
    time.sleep(600)
elif fault == "leaves its result and stays":
    leave()
    os.close(1)
    time.sleep(600)
elif fault == "none":
    leave()
