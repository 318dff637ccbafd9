"""Every topic, in the order they run; the last two end the charge point and look back."""

from . import (
    authorization,
    availability,
    boot,
    cache_and_data,
    configuration,
    connection_loss,
    console,
    loose_frames,
    refused_frames,
    remote_start,
    remote_stop,
    reset,
    session,
    trigger,
    unlock,
    wire,
)

TOPICS = [
    boot.topic,
    session.topic,
    authorization.topic,
    remote_start.topic,
    remote_stop.topic,
    unlock.topic,
    availability.topic,
    configuration.topic,
    cache_and_data.topic,
    trigger.topic,
    loose_frames.topic,
    refused_frames.topic,
    connection_loss.topic,
    reset.topic,
    console.topic,
    wire.topic,
]
