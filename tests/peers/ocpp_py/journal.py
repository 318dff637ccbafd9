"""An append-only list that can be waited on.

Entries carry their own position as `index`, so "after this one" is a number everywhere.
"""

import asyncio

DEFAULT_WITHIN_S = 6.0


class Journal:
    def __init__(self, name):
        self.name = name
        self.entries = []
        self._waiters = []

    @property
    def mark(self):
        """The position the next entry will get."""
        return len(self.entries)

    def add(self, entry):
        entry.index = self.mark
        self.entries.append(entry)
        for matches, found in list(self._waiters):
            if not found.done() and matches(entry):
                found.set_result(entry)
        return entry

    def since(self, since, matches=lambda entry: True):
        """Every entry from position `since` on that matches."""
        return [entry for entry in self.entries[since:] if matches(entry)]

    async def until(self, matches, since=0, within=None, what="entry"):
        """The first entry from `since` on that matches: one already here, or one to come."""
        present = self.since(since, matches)
        if present:
            return present[0]
        within = within or DEFAULT_WITHIN_S
        waiter = (matches, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            return await asyncio.wait_for(waiter[1], within)
        except TimeoutError:
            raise AssertionError(f"{self.name}: no {what} within {within} s") from None
        finally:
            self._waiters.remove(waiter)
