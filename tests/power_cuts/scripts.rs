//! Stories of a charge point's life, each of which is cut everywhere.

use ocpp::{
    domain::{Reason, ResetType},
    station::Setting,
};

use crate::script::{
    Act::{self, *},
    Failure::*,
    Script,
};

/// All of them.
pub fn all() -> Vec<Script> {
    let mut scripts = connected();
    scripts.extend(offline());
    scripts.extend(refusing());
    scripts.extend(restarting());
    scripts.extend(metering());
    scripts.extend(scarce());
    #[cfg(feature = "firmware-management")]
    scripts.extend(crate::files::all());
    scripts
}

/// Readings in the StopTransaction as well as before it.
const DATA: &[(&str, &str)] = &[
    ("MeterValueSampleInterval", "20"),
    ("StopTxnSampledData", "Energy.Active.Import.Register"),
];

const SETTINGS: &[Setting<'static>] = &[
    Setting::integer(0, "AmbientOffset", -20, 20, 0),
    Setting::text(1, "Greeting", 64, "Hello"),
    Setting {
        needs_reboot: true,
        ..Setting::boolean(2, "IslandMode", false)
    },
];

const fn kwh_in(minutes: u64) -> Act {
    Wait(60 * minutes)
}

fn connected() -> Vec<Script> {
    vec![
        Script::new(
            "plug first",
            &[Plug(1), Tag(1, "A"), kwh_in(3), Tag(1, "A"), Unplug(1)],
        ),
        Script::new(
            "tag first",
            &[Tag(2, "A"), Wait(5), Plug(2), kwh_in(2), Unplug(2), Wait(5)],
        ),
        Script::new(
            "two connectors",
            &[
                Plug(1),
                Tag(1, "A"),
                Wait(30),
                Plug(2),
                Tag(2, "B"),
                kwh_in(2),
                Tag(2, "B"),
                Wait(20),
                Tag(1, "A"),
            ],
        ),
        Script::new(
            "one after the other",
            &[
                Start(1, "A"),
                Wait(20),
                Stop(1, Reason::Local),
                Start(1, "B"),
                Wait(20),
                Stop(1, Reason::Local),
                Start(1, "A"),
                Wait(20),
                Stop(1, Reason::Other),
            ],
        ),
        Script::new(
            "remote start and stop",
            &[Plug(1), RemoteStart(1, "A"), kwh_in(2), RemoteStop, Wait(5)],
        ),
        Script::new(
            "suspended and broken",
            &[
                Plug(1),
                Tag(1, "A"),
                Wait(70),
                Suspend(1, true),
                kwh_in(2),
                Suspend(1, false),
                Fault(1, true),
                Wait(30),
                Fault(1, false),
                Wait(70),
                Tag(1, "A"),
            ],
        ),
        Script::new(
            "unlocked by the central system",
            &[Plug(1), Tag(1, "A"), Wait(70), Unlock(1), Wait(5)],
        ),
        Script::new(
            "keys and availability",
            &[
                Set("MeterValueSampleInterval", "30"),
                Plug(1),
                Tag(1, "A"),
                Set("ClockAlignedDataInterval", "900"),
                Operative(1, false),
                Wait(40),
                Set("LocalPreAuthorize", "true"),
                Tag(1, "A"),
                Operative(2, false),
                Wait(10),
                Operative(0, true),
                Set("MeterValueSampleInterval", "45"),
            ],
        ),
        Script::new(
            "settings of the application",
            &[
                Set("Greeting", "Good morning"),
                Plug(1),
                Tag(1, "A"),
                Set("AmbientOffset", "-7"),
                Wait(20),
                Set("Greeting", ""),
                Set("IslandMode", "true"),
                PowerLoss(5),
                Wait(5),
                Set("AmbientOffset", "7"),
                Set(
                    "Greeting",
                    "Good evening, and a text that is longer than the others",
                ),
                Set("IslandMode", "false"),
            ],
        )
        .with_settings(SETTINGS),
    ]
}

fn offline() -> Vec<Script> {
    let whole = [
        Plug(1),
        Tag(1, "A"),
        Wait(130),
        Tag(1, "A"),
        Wait(20),
        Unplug(1),
    ];
    vec![
        Script::new("connection lost while charging", &{
            let mut acts = vec![Plug(1), Tag(1, "A"), Wait(70), Link(false), kwh_in(3)];
            acts.extend([Link(true), kwh_in(3), Tag(1, "A")]);
            acts
        }),
        Script::new("started without a connection", &{
            let mut acts = vec![Link(false), Plug(1), Tag(1, "A"), Wait(100), Link(true)];
            acts.extend([kwh_in(3), Tag(1, "A"), Wait(5)]);
            acts
        }),
        Script::new("stopped without a connection", &{
            let mut acts = vec![Plug(1), Tag(1, "A"), Wait(70), Link(false), Wait(70)];
            acts.extend([Tag(1, "A"), Wait(70), Link(true), kwh_in(2)]);
            acts
        }),
        Script::new("all of it without a connection", &{
            let mut acts = vec![Link(false)];
            acts.extend(whole);
            acts.extend([kwh_in(10), Link(true), kwh_in(3)]);
            acts
        }),
        Script::new("several without a connection", &{
            let mut acts = vec![Link(false)];
            for (connector, id_tag) in [(1, "A"), (2, "B"), (1, "C")] {
                acts.extend([Start(connector, id_tag), Wait(65)]);
                acts.push(Stop(connector, Reason::Local));
            }
            acts.extend([Link(true), kwh_in(3)]);
            acts
        }),
        Script::new("two at once without a connection", &{
            let mut acts = vec![Link(false), Start(1, "A"), Wait(10), Start(2, "B")];
            acts.extend([Wait(100), Stop(1, Reason::Local), Wait(20), Link(true)]);
            acts.extend([kwh_in(3), Stop(2, Reason::Local)]);
            acts
        }),
        Script::new("the connection comes and goes", &{
            let mut acts = vec![Plug(1), Tag(1, "A")];
            for _ in 0..3 {
                acts.extend([Wait(65), Link(false), Wait(65), Link(true), Wait(30), Cut]);
            }
            acts.extend([Tag(1, "A"), Wait(30)]);
            acts
        }),
        Script::new("the time is not known", &{
            let mut acts = whole.to_vec();
            acts.extend([Link(true), kwh_in(3)]);
            acts
        })
        .cold(),
        Script::new("another clock knows the time", &{
            let mut acts = vec![Start(1, "A"), Wait(70), Time, Wait(70)];
            acts.extend([Stop(1, Reason::Local), Start(2, "B"), Wait(70)]);
            acts.extend([Link(true), kwh_in(3), Stop(2, Reason::Local)]);
            acts
        })
        .cold(),
        Script::new("the time is not known in the run after, either", &{
            let mut acts = vec![Start(1, "A"), Wait(70), PowerLoss(600)];
            acts.extend([Start(1, "B"), Wait(70), Stop(1, Reason::Local)]);
            acts.extend([PowerLoss(5), Wait(30), Link(true), kwh_in(3)]);
            acts
        })
        .cold(),
    ]
}

fn refusing() -> Vec<Script> {
    let charging = |failures: &[(&'static str, crate::script::Failure)]| {
        let mut acts: Vec<Act> = failures
            .iter()
            .map(|&(action, failure)| Fail(action, failure))
            .collect();
        acts.extend([Plug(1), Tag(1, "A"), Wait(130), Tag(1, "A"), kwh_in(2)]);
        acts
    };
    let (start, values, stop) = ("StartTransaction", "MeterValues", "StopTransaction");
    vec![
        Script::new(
            "the answer to the start is lost",
            &charging(&[(start, AnswerLost)]),
        ),
        Script::new(
            "the answer to the stop is lost",
            &charging(&[(stop, AnswerLost)]),
        ),
        Script::new(
            "every answer is lost once",
            &charging(&[
                (start, ConnectionLost),
                (values, AnswerLost),
                (stop, ConnectionLost),
            ]),
        ),
        Script::new(
            "the start fails twice",
            &charging(&[(start, Error), (start, Garbage)]),
        ),
        Script::new(
            "the stop fails twice",
            &charging(&[(stop, Error), (stop, Garbage), (values, Error)]),
        ),
        Script::new(
            "the connection breaks with every message",
            &charging(&[
                (start, ConnectionLost),
                (values, ConnectionLost),
                (values, ConnectionLost),
                (stop, ConnectionLost),
            ]),
        ),
        Script::new(
            "meter values take long",
            &charging(&[(values, SlowlyNothing), (values, SlowlyNothing)]),
        ),
        Script::new("an unanswered start holds up all", &{
            let mut acts = vec![Fail(start, AnswerLost), Start(1, "A"), Wait(5)];
            acts.extend([Start(2, "B"), Wait(10), Stop(1, Reason::Local), Wait(10)]);
            acts.extend([Start(1, "C"), Wait(70), Stop(2, Reason::Local), Wait(30)]);
            acts.push(Stop(1, Reason::Local));
            acts
        }),
        Script::new("the boot is not answered", &{
            let mut acts = vec![Start(1, "A"), Wait(30), Fail("BootNotification", Error)];
            acts.extend([
                PowerLoss(20),
                Start(1, "B"),
                Wait(90),
                Stop(1, Reason::Local),
            ]);
            acts
        }),
    ]
}

fn restarting() -> Vec<Script> {
    let around = |restart: Act| {
        let mut acts = vec![Plug(1), Tag(1, "A"), Wait(70), restart, Wait(40)];
        acts.extend([Start(1, "B"), Wait(30), Stop(1, Reason::Local), Wait(5)]);
        acts
    };
    vec![
        Script::new("power loss", &around(PowerLoss(30))),
        Script::new("soft reset", &around(Reset("Soft"))),
        Script::new("hard reset", &around(Reset("Hard"))),
        Script::new(
            "rebooted by the application",
            &around(Reboot(ResetType::Soft)),
        ),
        Script::new("power loss without a connection", &{
            let mut acts = vec![Link(false)];
            acts.extend(around(PowerLoss(600)));
            acts.extend([PowerLoss(30), Link(true), kwh_in(3)]);
            acts
        }),
        Script::new("power loss again and again", &{
            let mut acts = Vec::new();
            for id_tag in ["A", "B", "C"] {
                acts.extend([Start(1, id_tag), Start(2, id_tag), Wait(15), PowerLoss(5)]);
            }
            acts
        }),
        Script::new("power loss with two running", &{
            let mut acts = vec![Start(1, "A"), Wait(40), Start(2, "B"), Wait(40)];
            acts.extend([PowerLoss(3_600), Wait(30), Start(2, "C"), Wait(10)]);
            acts
        }),
        Script::new("power loss again while the meter is silent", &{
            let mut acts = vec![Start(1, "A"), Wait(75), Start(2, "B"), Wait(20)];
            acts.extend([
                Meters(false),
                PowerLoss(30),
                Wait(15),
                PowerLoss(5),
                Wait(15),
            ]);
            acts.extend([Meters(true), Wait(5), Start(1, "C"), Wait(70)]);
            acts.push(Stop(1, Reason::Local));
            acts
        }),
        Script::new("the next driver comes while the meter is silent", &{
            let mut acts = vec![
                Start(1, "A"),
                Wait(75),
                Meters(false),
                PowerLoss(30),
                Wait(5),
            ];
            acts.extend([Start(1, "B"), Wait(20), Meters(true), Wait(70)]);
            acts.push(Stop(1, Reason::Local));
            acts
        })
        .with_keys(DATA),
        Script::new("power loss with transaction data, without a connection", &{
            let mut acts = vec![Link(false), Start(1, "A"), Wait(75), Meters(false)];
            acts.extend([
                PowerLoss(30),
                Wait(15),
                Meters(true),
                Wait(5),
                Start(1, "B"),
            ]);
            acts.extend([Wait(50), PowerLoss(10), Link(true), kwh_in(3)]);
            acts
        })
        .with_keys(DATA),
        Script::new("hard reset without a connection after it", &{
            let mut acts = vec![Start(1, "A"), Wait(30), Reset("Hard"), Link(false)];
            acts.extend([Wait(90), Start(1, "B"), Wait(30), Link(true), kwh_in(3)]);
            acts
        }),
    ]
}

fn metering() -> Vec<Script> {
    let charging = [Plug(1), Tag(1, "A"), Wait(70), Tag(1, "A"), Wait(10)];
    vec![
        Script::new("with transaction data", &charging).with_keys(DATA),
        Script::new("with transaction data, and no connection", &{
            let mut acts = vec![Link(false)];
            acts.extend(charging);
            acts.extend([Link(true), kwh_in(3)]);
            acts
        })
        .with_keys(DATA),
        Script::new("the answer to a stop with data is lost", &{
            let mut acts = vec![Fail("StopTransaction", AnswerLost)];
            acts.extend(charging);
            acts.push(kwh_in(1));
            acts
        })
        .with_keys(DATA),
        Script::new("more transaction data than fits", &{
            let mut acts = vec![Plug(1), Tag(1, "A"), Wait(200), Tag(1, "A"), Wait(10)];
            acts.insert(0, Fail("StopTransaction", ConnectionLost));
            acts
        })
        .with_tx(1024)
        .with_keys(DATA),
        Script::new(
            "clock-aligned",
            &[Start(1, "A"), Wait(190), Stop(1, Reason::Local)],
        )
        .with_keys(&[
            ("MeterValueSampleInterval", "0"),
            ("ClockAlignedDataInterval", "60"),
            ("MeterValuesAlignedData", "Energy.Active.Import.Register"),
            ("StopTxnAlignedData", "Energy.Active.Import.Register"),
        ]),
        Script::new(
            "no samples",
            &[Start(1, "A"), Wait(200), Stop(1, Reason::Local)],
        )
        .with_keys(&[("MeterValueSampleInterval", "0")]),
        Script::new("the central system's clock is set forward", &{
            let mut acts = vec![Start(1, "A"), Wait(70), ClockJump(7_200), Wait(310)];
            acts.extend([Stop(1, Reason::Local), Start(1, "B"), Wait(70)]);
            acts
        }),
        Script::new("the central system's clock is set back", &{
            let mut acts = vec![Start(1, "A"), Wait(70), ClockJump(-7_200), Wait(310)];
            acts.extend([Stop(1, Reason::Local), Start(1, "B"), Wait(70)]);
            acts
        }),
    ]
}

fn scarce() -> Vec<Script> {
    vec![
        Script::new("storage is full at the end", &{
            let mut acts = vec![Start(1, "A"), Wait(70), Link(false), Full(true), Wait(70)];
            acts.extend([Stop(1, Reason::Local), Wait(25), Full(false), Wait(25)]);
            acts.extend([Link(true), kwh_in(3)]);
            acts
        }),
        Script::new("storage is full at the beginning", &{
            let mut acts = vec![Link(false), Full(true), Start(1, "A"), Wait(70)];
            acts.extend([Full(false), Start(1, "B"), Wait(70), Full(true), Wait(130)]);
            acts.extend([Stop(1, Reason::Local), Full(false), Link(true), kwh_in(3)]);
            acts
        }),
        Script::new("storage fails for a while", &{
            let mut acts = vec![Start(1, "A"), Wait(70), Broken(true), Wait(70)];
            acts.extend([Broken(false), Wait(70), Stop(1, Reason::Local), Wait(5)]);
            acts
        }),
        Script::new("storage fails at the end", &{
            let mut acts = vec![Start(1, "A"), Wait(70), Broken(true)];
            acts.extend([Stop(1, Reason::Local), Wait(15), Broken(false), Wait(25)]);
            acts
        }),
    ]
}
