"""The charge-point binary: its command line, standard input, and the JSON lines it prints."""

import asyncio
import json
import re

from journal import Journal

LONGEST_LINE = 1 << 20


class Event:
    """A JSON line: its members are attributes, those that are not there are None."""

    def __init__(self, members):
        self.members = members
        self.index = -1

    def __getattr__(self, name):
        return self.members.get(name)


class ChargePoint:
    def __init__(self):
        self.events = Journal("charge point")
        #: Connectors with a cable in them.
        self.plugged = set()
        #: Lines on standard output that are not what --json promises.
        self.stray_lines = []
        self.error_output = ""
        self._process = None
        self._readers = []

    async def start(self, binary, csms, identity, *options):
        arguments = ["--csms", csms, "--id", identity, "--connectors", "2", "--json", *options]
        self._process = await asyncio.create_subprocess_exec(
            binary,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
        )
        self._readers = [
            asyncio.create_task(self._read_events()),
            asyncio.create_task(self._read_errors()),
        ]

    async def _read_events(self):
        async for line in self._process.stdout:
            try:
                members = json.loads(line)
                well_formed = isinstance(members["t"], int) and isinstance(members["event"], str)
            except (ValueError, TypeError, KeyError):
                well_formed = False
            if well_formed:
                self.events.add(Event(members))
            else:
                self.stray_lines.append(line.decode(errors="replace"))

    async def _read_errors(self):
        async for line in self._process.stderr:
            self.error_output += line.decode(errors="replace")

    @property
    def running(self):
        return self._process is not None and self._process.returncode is None

    def tell(self, command):
        """One command line on standard input."""
        match = re.fullmatch(r"(plug|unplug) ([12])", command)
        if match:
            change = self.plugged.add if match[1] == "plug" else self.plugged.discard
            change(match[2])
        self._process.stdin.write(f"{command}\n".encode())

    async def caught_up(self):
        """Returns once every command so far has been read.

        That matters when a request over the websocket comes next. Commands are answered in
        their turn, and only the command `status` tells `plugged`.
        """

        def answered(event):
            told = event.members
            return event.event == "status" and told["connector"] == 2 and "plugged" in told

        since = self.events.mark
        self.tell("status")
        await self.events.until(answered, since, what="answer to status")

    async def until(self, name, since=0, **members):
        """The first event `name` at or after position `since` with these members."""

        def matches(event):
            return event.event == name and all(
                event.members.get(member) == value for member, value in members.items()
            )

        return await self.events.until(matches, since, what=f"{name} event {members or ''}")

    async def exit_code(self, within):
        """The exit code, or None when it is still running after that many seconds."""
        try:
            await asyncio.wait_for(self._process.wait(), within)
        except TimeoutError:
            return None
        await asyncio.wait(self._readers, timeout=1)
        return self._process.returncode

    async def kill(self):
        if self.running:
            self._process.kill()
            await self._process.wait()
        for reader in self._readers:
            reader.cancel()
