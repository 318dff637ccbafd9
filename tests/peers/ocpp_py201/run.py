"""The PyPI package ocpp as the CSMS of the charge-point binary, with OCPP 2.0.1.

CHARGE_POINT  the binary
FRAMES_OUT    optional: where the recorded frames go, one JSON object a line

Arguments are the topics that are played, when not all are.
"""

import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.append(str(Path(__file__).resolve().parent.parent / "ocpp_py"))

from bench import Bench  # noqa: E402
from books import Books  # noqa: E402
from central_system import CentralSystem  # noqa: E402
from charge_point import ChargePoint  # noqa: E402
from frame_log import FrameLog  # noqa: E402
from gaps import GAPS  # noqa: E402
from peer import Peer  # noqa: E402
from report import Report  # noqa: E402
from scenarios import TOPICS  # noqa: E402
from stage import Stage  # noqa: E402

# A space, a slash and a letter beyond ASCII: all to be percent-encoded in the path.
IDENTITY = "CS 7/ä"
RUN_WITHIN_S = 150 + int(os.environ.get("KILLS", 0))


async def play(report, stage, wanted):
    for topic in TOPICS:
        if not topic.as_found and not stage.books.boots:
            break
        if wanted and topic.name not in ("one folder", "boot", *wanted):
            continue
        for name, scenario in topic.scenarios:

            async def prepared(topic=topic, scenario=scenario):
                if not topic.as_found:
                    if not stage.point.running:
                        raise AssertionError("the charging station has ended")
                    await stage.bench.idle()
                stage.books.start_scenario()
                await scenario(stage)

            name = f"{topic.name}: {name}"
            await report.step(name, prepared, GAPS.get(name))


async def run(binary, storage, wanted):
    report = Report()
    frames = FrameLog("2.0.1")
    books = Books()
    system = CentralSystem(books, frames, IDENTITY, Peer)
    stage = Stage(binary, books, frames, IDENTITY, storage, system)
    stage.bench = Bench(system, books, stage.point)

    this_task = asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, this_task.cancel)
    try:
        stage.port = await system.listen()
        async with asyncio.timeout(RUN_WITHIN_S):
            await play(report, stage, wanted)
    except TimeoutError:
        report.fail(f"the run took more than {RUN_WITHIN_S} s")
    except OSError as error:
        report.fail(str(error))
    finally:
        await stage.point.kill()
        await system.close()
        if os.environ.get("FRAMES_OUT"):
            frames.write(os.environ["FRAMES_OUT"])
    if report.failed and stage.point.error_output:
        print(stage.point.error_output[-4000:], file=sys.stderr)
    return report.close()


def main():
    binary = os.environ.get("CHARGE_POINT")
    if not binary:
        print("FAIL CHARGE_POINT does not name the charge-point binary")
        return 1
    try:
        with tempfile.TemporaryDirectory() as storage:
            return asyncio.run(run(binary, storage, sys.argv[1:]))
    except (asyncio.CancelledError, KeyboardInterrupt):
        return 1


if __name__ == "__main__":
    sys.exit(main())
