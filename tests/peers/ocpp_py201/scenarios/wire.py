"""What must hold until here; the program is killed behind this, and not all that it prints is read."""

from topic import Topic
from whole_run import OUTPUT

topic = Topic("so far", as_found=True)

for name, check in OUTPUT.items():
    topic.scenario(name)(check)
