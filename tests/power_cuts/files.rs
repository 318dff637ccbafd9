//! Stories of files: firmware that is updated, logs that are uploaded.

use crate::{
    script::{
        Act::{self, *},
        Failure::ConnectionLost,
        Script,
    },
    support::Installation::*,
};

pub fn all() -> Vec<Script> {
    let installations = [
        ("an update", NewImage),
        ("an update to another version", NewVersion),
        ("an update to another image", OtherImage),
        ("an update that is not taken", OldImage),
        ("an update without a restart", AtOnce),
        ("an update that fails", Fails),
    ];
    let mut scripts: Vec<_> = installations
        .into_iter()
        .map(|(name, installation)| Script::new(name, &[Update(installation), Wait(60)]))
        .collect();
    let others: [(&str, &[Act]); 7] = [
        (
            "an update in a transaction",
            &[
                Plug(1),
                Tag(1, "A"),
                Update(NewImage),
                Wait(30),
                Tag(1, "A"),
                Wait(60),
            ],
        ),
        (
            "an update that another one replaces",
            &[Update(Fails), Wait(3), Update(NewImage), Wait(60)],
        ),
        (
            "an update without a connection",
            &[Update(NewImage), Wait(2), Link(false), Wait(60)],
        ),
        (
            "an update whose end is not answered",
            &[
                Update(Fails),
                Wait(11),
                Fail("FirmwareStatusNotification", ConnectionLost),
                Wait(60),
            ],
        ),
        ("a log", &[GetLog, Wait(60)]),
        (
            "a log that is asked for twice",
            &[GetLog, Wait(2), GetLog, Wait(60)],
        ),
        (
            "a log and an update",
            &[GetLog, Update(NewImage), Wait(60), GetLog, Wait(20)],
        ),
    ];
    scripts.extend(others.map(|(name, acts)| Script::new(name, acts)));
    scripts
}
