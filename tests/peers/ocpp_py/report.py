"""Runs scenarios one after the other and prints a line for each."""

LONGEST_REASON = 400


class Report:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    async def step(self, name, play):
        try:
            await play()
        except Exception as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            if isinstance(error, AssertionError):
                reason = reason.removeprefix("AssertionError: ")
            self.fail(f"{name}: {reason[:LONGEST_REASON]}")
        else:
            self.passed += 1
            print(f"ok   {name}", flush=True)

    def fail(self, line):
        self.failed += 1
        print(f"FAIL {line}", flush=True)

    def close(self):
        """Prints the closing line; returns the exit code."""
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 0 if self.passed and not self.failed else 1
