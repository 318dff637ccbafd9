"""Scenarios, grouped by what they are about."""


class Topic:
    """`as_found`: its scenarios take the charge point as it is, idle or not, running or not."""

    def __init__(self, name, as_found=False):
        self.name = name
        self.as_found = as_found
        self.scenarios = []

    def scenario(self, name):
        def enlist(play):
            self.scenarios.append((name, play))
            return play

        return enlist
