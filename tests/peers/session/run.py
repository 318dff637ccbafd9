"""Sessions of the charge-point binary at central systems of other projects, all at the same time.

CHARGE_POINT         the binary
PEERS_NODE_MODULES   the node_modules directory that holds ocpp-ts
PEERS_JARS           the directory that holds the jars of Java-OCA-OCPP
FRAMES_OUT           optional: where the recorded frames go, a file for each central system

Arguments are the central systems that are meant, when not all are. This Python is the one that
has ocpp-csms.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True
PEERS = Path(__file__).resolve().parent.parent
sys.path.append(str(PEERS / "ocpp_py"))

from central_system import CentralSystem  # noqa: E402
from charge_point import ChargePoint  # noqa: E402
from report import Report  # noqa: E402
from steps import STEPS  # noqa: E402
from visit import Visit  # noqa: E402

IDENTITY = "CP-7"
WITHIN_S = 150

COMMANDS = {
    "ocpp-ts": ["node", PEERS / "ocpp_ts/central_system.js"],
    "ocpp-csms": [sys.executable, "-B", PEERS / "ocpp_csms/central_system.py"],
    "java-oca-ocpp": [
        "java",
        "--class-path",
        f"{os.environ.get('PEERS_JARS', '.')}/*",
        PEERS / "java_oca_ocpp/CentralSystem.java",
    ],
}


def write_frames(folder, name, frames):
    """Writes them as check_frames.py reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / f"{name}.jsonl", "w", encoding="utf-8") as file:
        for direction, text in frames:
            line = {"dir": direction, "text": text, "expect_invalid": False}
            file.write(json.dumps(line) + "\n")


async def play(binary, name):
    """The whole session at one of them; returns its report."""
    report, system, point = Report(), CentralSystem(), ChargePoint()
    visit = Visit(system, point)
    try:
        await system.start(COMMANDS[name], os.environ)
        async with asyncio.timeout(WITHIN_S):
            await point.start(binary, f"ws://127.0.0.1:{system.port}/ocpp", IDENTITY)
            for title, step in STEPS:
                await report.step(f"{name}: {title}", lambda step=step: step(visit))
                # What follows a step relies on it.
                if report.failed:
                    break
    except (AssertionError, OSError, TimeoutError) as error:
        report.fail(f"{name}: {type(error).__name__} {error}")
    finally:
        await point.kill()
        await system.kill()
        if os.environ.get("FRAMES_OUT"):
            write_frames(Path(os.environ["FRAMES_OUT"]), name, visit.frames())
    if report.failed:
        print(point.error_output[-2000:], system.error_output[-4000:], file=sys.stderr)
    return report


async def main():
    binary, names = os.environ["CHARGE_POINT"], sys.argv[1:] or list(COMMANDS)
    total = Report()
    for report in await asyncio.gather(*(play(binary, name) for name in names)):
        total.passed += report.passed
        total.failed += report.failed
    return total.close()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
