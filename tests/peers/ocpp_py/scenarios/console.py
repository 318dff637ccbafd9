from checks import equal, holds
from topic import Topic

EXIT_WITHIN_S = 10.0

BAD_COMMANDS = [
    "make-coffee",
    "plug",
    "plug 9",
    "plug one",
    "tag 1",
    "power 1 plenty",
    "fault 1 NoSuchErrorCode",
    "suspend 1 nobody",
    "unlock 1 perhaps",
]

topic = Topic("standard input")


@topic.scenario("a bad command prints one error and changes nothing")
async def bad_commands(stage):
    events = stage.point.events
    since = events.mark
    for command in BAD_COMMANDS:
        before = events.mark
        stage.point.tell(command)
        error = await stage.point.until("error", before)
        holds(error.message, f"no message for {command}")
    await stage.bench.caught_up()
    errors = events.since(since, lambda event: event.event == "error")
    equal(len(errors), len(BAD_COMMANDS), "number of errors")
    calls = stage.books.calls.since(stage.books.scenario_start)
    equal([entry.action for entry in calls], ["Heartbeat"], "CALLs")


@topic.scenario("quit ends the program with exit code 0")
async def quit_command(stage):
    stage.point.tell("quit")
    equal(await stage.point.exit_code(EXIT_WITHIN_S), 0, "exit code")
