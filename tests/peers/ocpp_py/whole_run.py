"""What must hold of the frames and the output of a whole run, whatever the version of OCPP."""

from checks import holds, none
from frame_log import CALL, CALLERROR, parse

MESSAGE_ID_MAX = 36


async def valid(stage):
    holds(stage.frames.mark > 100, f"{stage.frames.mark} frames only")
    none(await stage.frames.faults())


async def no_complaint(stage):
    none(stage.system.complaints)
    none(
        frame.text
        for frame in stage.frames.entries
        if frame.dir == "in" and frame.type == CALLERROR and not frame.expect_invalid
    )


async def message_ids(stage):
    texts = {}
    faults = []
    for frame in stage.frames.sent():
        if frame.type == CALL:
            # A CALL sent again keeps its id, and is the same to the letter.
            used = texts.setdefault(frame.id, frame.text) != frame.text
            if used or len(frame.id) > MESSAGE_ID_MAX:
                faults.append(frame.text)
    none(faults)


async def one_call_at_a_time(stage):
    faults = []
    outstanding = None
    for event in stage.point.events.entries:
        gave_up_waiting = event.event == "error" and event.message.endswith("no answer")
        if event.event == "disconnected" or gave_up_waiting:
            outstanding = None
        if event.event != "frame":
            continue
        kind, message_id = (parse(event.text) + [None, None])[:2]
        if event.dir == "in" and kind != CALL and message_id == outstanding:
            outstanding = None
        if event.dir == "out" and kind == CALL:
            if outstanding is not None:
                faults.append(event.text)
            outstanding = message_id
    none(faults)


async def frame_events(stage):
    printed = iter(
        event.text
        for event in stage.point.events.entries
        if event.event == "frame" and event.dir == "out"
    )
    # Consumes `printed` up to the frame: what came must be there, in the same order.
    none([frame.text for frame in stage.frames.sent() if frame.text not in printed])


async def output_lines(stage):
    none(stage.point.stray_lines)
    events = stage.point.events.entries
    none([later.members for earlier, later in zip(events, events[1:]) if later.t < earlier.t])


#: Of the frames.
FRAMES = {
    "every frame is valid against the schemas of the package": valid,
    "the package had no complaint": no_complaint,
    "message ids are short and never used twice": message_ids,
}

#: Of what a life of the program prints, and of the frames until then.
OUTPUT = {
    "the charge point waits for an answer before the next CALL": one_call_at_a_time,
    "the frame events are what went over the wire": frame_events,
    "every output line is a JSON event, in order of time": output_lines,
}
