"""Runs scenarios one after the other and prints a line for each."""

from checks import NotThere

LONGEST_REASON = 400


class Report:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.skipped = 0

    async def step(self, name, play, gap=None):
        """`gap`: why it is known to fail; it counts as failed when it does not."""
        try:
            await play()
        except NotThere as error:
            self.skipped += 1
            print(f"skip {name}: {error}", flush=True)
        except Exception as error:
            if gap:
                self.skipped += 1
                print(f"gap  {name}: {gap}", flush=True)
                return
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            if isinstance(error, AssertionError):
                reason = reason.removeprefix("AssertionError: ")
            self.fail(f"{name}: {reason[:LONGEST_REASON]}")
        else:
            if gap:
                self.fail(f"{name}: it is no gap any more")
                return
            self.passed += 1
            print(f"ok   {name}", flush=True)

    def fail(self, line):
        self.failed += 1
        print(f"FAIL {line}", flush=True)

    def close(self):
        """Prints the closing line; returns the exit code."""
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.passed} passed, {self.failed} failed{skipped}", flush=True)
        return 0 if self.passed and not self.failed else 1
