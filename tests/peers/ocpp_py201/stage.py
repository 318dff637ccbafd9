"""All that a scenario plays with."""

from charge_point import ChargePoint


class Stage:
    def __init__(self, binary, books, frames, identity, storage, system):
        self.books = books
        self.frames = frames
        self.identity = identity
        self.point = ChargePoint()
        self.system = system
        self.bench = None
        self.port = None
        #: The device model, as a report told it.
        self.reported = []
        self._binary = binary
        self._storage = storage

    @property
    def place(self):
        """What is started where: the binary, its identity and its folder."""
        return self._binary, self.identity, self._storage

    async def start(self):
        """Starts the binary, in the folder that it always has."""
        options = ["--ocpp", "2.0.1", "--storage", self._storage]
        csms = f"ws://127.0.0.1:{self.port}/ocpp"
        await self.point.start(self._binary, csms, self.identity, *options)
