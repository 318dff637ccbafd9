"""What must hold for the whole run; looked at when it is over."""

from checks import holds, none
from topic import Topic
from whole_run import FRAMES

topic = Topic("whole run", as_found=True)

for name, check in FRAMES.items():
    topic.scenario(name)(check)


@topic.scenario("every transaction has ended, and keeps the rules of its events")
async def rules(stage):
    transactions = stage.books.transactions.values()
    holds(transactions, "there were no transactions")
    none(transaction.id for transaction in stage.books.open)
    none(fault for transaction in transactions for fault in transaction.faults())


@topic.scenario("what is billed at an EVSE never goes back")
async def registers(stage):
    for evse in (1, 2):
        read = 0
        for transaction in stage.books.transactions.values():
            if transaction.evse == evse:
                start, end = transaction.registers()
                holds(read <= start <= end, f"{transaction.id}: {start} to {end} Wh after {read}")
                read = end
