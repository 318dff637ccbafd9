"""A central system in a process of its own: lines to its standard input, answers from its output."""

import asyncio
import json

from checks import equal, holds

#: A compiler is started for the one in Java.
STARTS_WITHIN_S = 120.0
ANSWERS_WITHIN_S = 15.0
LEARNS_WITHIN_S = 30.0
LOOKS_EVERY_S = 0.05
LONGEST_LINE = 1 << 20


class CentralSystem:
    def __init__(self):
        self.port = None
        self.error_output = ""
        self._process = None
        self._errors = None
        self._turn = asyncio.Lock()

    async def start(self, command, environment):
        self._process = await asyncio.create_subprocess_exec(
            *command,
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
        )
        self._errors = asyncio.create_task(self._read_errors())
        self.port = (await self._line(STARTS_WITHIN_S))["port"]

    async def _read_errors(self):
        async for line in self._process.stderr:
            self.error_output += line.decode(errors="replace")

    async def _line(self, within):
        """The next line of its output that is JSON: packages print there too."""
        async with asyncio.timeout(within):
            while line := await self._process.stdout.readline():
                if line.startswith(b"{"):
                    return json.loads(line)
        raise AssertionError("the central system has ended")

    async def _exchange(self, **line):
        async with self._turn:
            self._process.stdin.write(f"{json.dumps(line)}\n".encode())
            return await self._line(ANSWERS_WITHIN_S)

    async def tell(self, action, **payload):
        """Has it send a CALL, whatever becomes of it; returns what it says."""
        return await self._exchange(action=action, payload=payload)

    async def ask(self, action, **payload):
        """Has it send a CALL; returns the payload of the CALLRESULT."""
        answer = await self.tell(action, **payload)
        holds("answer" in answer, f"{action} was answered {answer}")
        return answer["answer"]

    async def ask_for(self, status, action, **payload):
        """Has it send a CALL whose answer has that status; returns the payload."""
        answer = await self.ask(action, **payload)
        equal(answer["status"], status, f"status of {action} {payload}")
        return answer

    async def books(self):
        return (await self._exchange())["books"]

    async def until(self, what, learnt):
        """Waits until `learnt(books)` is something that counts, and returns that."""
        try:
            async with asyncio.timeout(LEARNS_WITHIN_S):
                while True:
                    books = await self.books()
                    if found := learnt(books):
                        return found
                    await asyncio.sleep(LOOKS_EVERY_S)
        except TimeoutError:
            raise AssertionError(f"the central system never knew {what}: {books}") from None

    async def status(self, *statuses):
        """Waits until connectors 0, 1, ... have these statuses; None for any."""

        def are_so(books):
            known = books["statuses"]
            wanted = [(str(n), status) for n, status in enumerate(statuses) if status]
            return all(known.get(connector) == status for connector, status in wanted)

        await self.until(f"statuses {statuses}", are_so)

    async def kill(self):
        if self._process is None:
            return
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._errors.cancel()
