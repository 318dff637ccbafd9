"""What must hold for the whole run; looked at when it is over."""

from topic import Topic
from whole_run import FRAMES, OUTPUT

topic = Topic("whole run", as_found=True)

for name, check in (FRAMES | OUTPUT).items():
    topic.scenario(name)(check)
