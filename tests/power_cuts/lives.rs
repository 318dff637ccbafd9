//! Random lives: any of the acts in any order, power lost anywhere.
//!
//! The same lives every time; `PROPTEST_CASES=20000 cargo test --test power_cuts lives` makes them
//! more, `PROPTEST_RNG_SEED=1` makes them others.

use std::env;

use ocpp::domain::{Reason, ResetType};
use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    test_runner::{Config, RngSeed, TestCaseError, TestRunner},
};

use crate::{
    run::{self, Fate},
    script::{
        Act::{self, *},
        Failure::{self, *},
        Script,
    },
    support::{Cut, Outage},
};

/// Lives that a run without `PROPTEST_CASES` has.
const CASES: u32 = 500;

fn connector() -> impl Strategy<Value = u8> {
    1..=2_u8
}

fn id_tag() -> impl Strategy<Value = &'static str> {
    select(&["A", "B", "C"][..])
}

fn failure() -> impl Strategy<Value = Failure> {
    select(&[AnswerLost, ConnectionLost, Error, Garbage][..])
}

fn at_the_charge_point() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => connector().prop_map(Plug),
        1 => connector().prop_map(Unplug),
        4 => (connector(), id_tag()).prop_map(|(connector, tag)| Tag(connector, tag)),
        2 => (connector(), id_tag()).prop_map(|(connector, tag)| Start(connector, tag)),
        2 => (connector(), select(Reason::ALL)).prop_map(|(connector, why)| Stop(connector, why)),
        1 => (connector(), any::<bool>()).prop_map(|(connector, by)| Suspend(connector, by)),
        1 => (0..=2_u8, any::<bool>()).prop_map(|(connector, is)| Fault(connector, is)),
    ]
}

fn from_afar() -> impl Strategy<Value = Act> {
    let keys = [
        ("MeterValueSampleInterval", "7"),
        ("MeterValueSampleInterval", "60"),
        ("ClockAlignedDataInterval", "900"),
        ("ClockAlignedDataInterval", "0"),
        ("StopTxnSampledData", "Energy.Active.Import.Register"),
        ("StopTxnSampledData", ""),
        ("MinimumStatusDuration", "3"),
        ("StopTransactionOnEVSideDisconnect", "false"),
        ("AuthorizeRemoteTxRequests", "true"),
        ("LocalPreAuthorize", "true"),
    ];
    prop_oneof![
        select(keys.to_vec()).prop_map(|(key, value)| Set(key, value)),
        (0..=2_u8, any::<bool>()).prop_map(|(connector, is)| Operative(connector, is)),
        (connector(), id_tag()).prop_map(|(connector, tag)| RemoteStart(connector, tag)),
        Just(RemoteStop),
        connector().prop_map(Unlock),
        select(&["Hard", "Soft"][..]).prop_map(Reset),
    ]
}

fn on_the_way() -> impl Strategy<Value = Act> {
    let actions = [
        "Authorize",
        "StartTransaction",
        "StopTransaction",
        "MeterValues",
        "StatusNotification",
        "Heartbeat",
        "BootNotification",
    ];
    prop_oneof![
        Just(Link(false)),
        Just(Link(true)),
        Just(Act::Cut),
        (select(actions.to_vec()), failure()).prop_map(|(action, how)| Fail(action, how)),
    ]
}

fn of_the_machine() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0..600_u64).prop_map(PowerLoss),
        1 => Just(Reboot(ResetType::Soft)),
        1 => Just(Time),
        1 => (-4_000..4_000_i64).prop_map(ClockJump),
        2 => any::<bool>().prop_map(Full),
    ]
}

#[cfg(feature = "firmware-management")]
fn of_files() -> impl Strategy<Value = Act> {
    use crate::support::Installation::{AtOnce, Fails, NewImage, NewVersion, OldImage, OtherImage};
    prop_oneof![
        select(vec![
            NewImage, NewVersion, OtherImage, OldImage, AtOnce, Fails
        ])
        .prop_map(Update),
        Just(GetLog),
    ]
}

/// Without the profile there are none.
#[cfg(not(feature = "firmware-management"))]
fn of_files() -> impl Strategy<Value = Act> {
    Just(Wait(1))
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        1 => of_files(),
        9 => at_the_charge_point(),
        3 => from_afar(),
        3 => on_the_way(),
        2 => of_the_machine(),
        3 => (0..20_u64).prop_map(Wait),
        2 => (20..700_u64).prop_map(Wait),
    ]
}

fn life() -> impl Strategy<Value = (Script, Fate)> {
    let script = (vec(act(), 1..100), any::<bool>(), select(vec![1024, 4096]));
    let script = script.prop_map(|(acts, is_cold, tx)| {
        let script = Script::new("a life", &acts).with_tx(tx);
        if is_cold { script.cold() } else { script }
    });
    let cut = (0..200_usize, 0..60_usize).prop_map(|(write, bytes)| Cut::Inside { write, bytes });
    let outage = (0..600_000_u64, any::<Option<u8>>(), any::<bool>());
    let outage = outage.prop_map(|(ms, again, takes_link)| Outage {
        ms,
        again: again.map(usize::from),
        takes_link,
    });
    (script, cut, outage).prop_map(|(script, cut, outage)| (script, Fate { cut, outage }))
}

#[test]
fn whatever_happens_the_books_are_right() {
    let mut config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    if env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    if env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(0x0c99);
    }
    let lived = TestRunner::new(config).run(&life(), |(script, fate)| {
        run::cut(&script, fate).map_err(TestCaseError::fail)
    });
    if let Err(found) = lived {
        panic!("{found}");
    }
}
