"""The PyPI package ocpp as the central system of the charge-point binary.

CHARGE_POINT  the binary
FRAMES_OUT    optional: where the recorded frames go, one JSON object a line
"""

import asyncio
import os
import signal
import sys

sys.dont_write_bytecode = True

from bench import Bench  # noqa: E402
from books import Books  # noqa: E402
from central_system import CentralSystem  # noqa: E402
from charge_point import ChargePoint  # noqa: E402
from frame_log import FrameLog  # noqa: E402
from peer import Peer  # noqa: E402
from report import Report  # noqa: E402
from scenarios import TOPICS  # noqa: E402
from stage import Stage  # noqa: E402

# A space, a slash and a letter beyond ASCII: all to be percent-encoded in the path.
IDENTITY = "CP 7/ä"
RUN_WITHIN_S = 150


async def play(report, stage):
    for topic in TOPICS:
        if topic.name != "boot" and not stage.books.boots:
            break
        for name, scenario in topic.scenarios:

            async def prepared(topic=topic, scenario=scenario):
                if not topic.as_found:
                    if not stage.point.running:
                        raise AssertionError("the charge point has ended")
                    await stage.bench.idle()
                stage.books.start_scenario()
                await scenario(stage)

            await report.step(f"{topic.name}: {name}", prepared)


async def run(binary):
    report = Report()
    frames = FrameLog("1.6")
    books = Books()
    system = CentralSystem(books, frames, IDENTITY, Peer)
    point = ChargePoint()
    stage = Stage(Bench(system, books, point), books, frames, IDENTITY, point, system)

    this_task = asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, this_task.cancel)
    try:
        port = await system.listen()
        await point.start(binary, f"ws://127.0.0.1:{port}/ocpp", IDENTITY)
        async with asyncio.timeout(RUN_WITHIN_S):
            await play(report, stage)
    except TimeoutError:
        report.fail(f"the run took more than {RUN_WITHIN_S} s")
    except OSError as error:
        report.fail(str(error))
    finally:
        await point.kill()
        await system.close()
        if os.environ.get("FRAMES_OUT"):
            frames.write(os.environ["FRAMES_OUT"])
    if report.failed and point.error_output:
        print(point.error_output[-4000:], file=sys.stderr)
    return report.close()


def main():
    binary = os.environ.get("CHARGE_POINT")
    if not binary:
        print("FAIL CHARGE_POINT does not name the charge-point binary")
        return 1
    try:
        return asyncio.run(run(binary))
    except (asyncio.CancelledError, KeyboardInterrupt):
        return 1


if __name__ == "__main__":
    sys.exit(main())
