//! A long and unlucky life: whatever happens in whatever order, the rules of the wire are kept
//! (every test of the bench checks them) and in the end the books are right.

use std::collections::{BTreeMap, BTreeSet};

use ocpp::{
    station::{Input, Suspension},
    v16::{ChargePointError, Reason},
};
use serde_json::{Value, json};

use crate::support::{Bench, HOUR, MINUTE, Reply, SECOND, Sent, Setup};

const TAGS: [&str; 4] = ["A", "B", "C", "D"];

/// Xorshift (Marsaglia 2003).
struct Random(u32);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 >> 8) % limit
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u32) as usize]
    }
}

/// Something a driver or the hardware does, possible or not.
fn at_the_connector(bench: &mut Bench, random: &mut Random) {
    let connector = 1 + random.below(2) as u8;
    let id_tag = random.of(&TAGS);
    let input = match random.below(12) {
        0 | 1 => Input::Plugged(connector),
        2 => Input::Unplugged(connector),
        3..=5 => Input::Tag { connector, id_tag },
        6 => Input::Start { connector, id_tag },
        7 => Input::Stop {
            connector,
            reason: random.of(Reason::ALL),
        },
        8 => Input::Suspended {
            connector,
            by: random.of(&[None, Some(Suspension::Ev), Some(Suspension::Evse)]),
        },
        9 => Input::Fault {
            connector: random.below(3) as u8,
            error: random.of(ChargePointError::ALL),
            info: "x",
            vendor_error_code: "",
        },
        10 => Input::FaultCleared(random.below(3) as u8),
        _ => Input::Authorize(id_tag),
    };
    let _ = bench.input(input);
}

/// Something the central system asks for.
fn from_afar(bench: &mut Bench, random: &mut Random) {
    if !bench.is_connected() {
        return;
    }
    let connector = random.below(4);
    let (action, payload) = match random.below(9) {
        0 => (
            "RemoteStartTransaction",
            json!({ "connectorId": connector, "idTag": random.of(&TAGS) }),
        ),
        1 => (
            "RemoteStartTransaction",
            json!({ "idTag": random.of(&TAGS) }),
        ),
        2 => (
            "RemoteStopTransaction",
            json!({ "transactionId": 101 + random.below(9) }),
        ),
        3 => (
            "ChangeAvailability",
            json!({ "connectorId": connector, "type": random.of(&["Operative", "Inoperative"]) }),
        ),
        4 => ("Reset", json!({ "type": random.of(&["Hard", "Soft"]) })),
        5 => ("UnlockConnector", json!({ "connectorId": connector })),
        6 => (
            "TriggerMessage",
            json!({ "requestedMessage": random.of(&[
                "MeterValues",
                "StatusNotification",
                "BootNotification",
                "Heartbeat",
            ]) }),
        ),
        7 => ("ClearCache", json!({})),
        _ => {
            let (key, value) = random.of(&[
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
            ]);
            ("ChangeConfiguration", json!({ "key": key, "value": value }))
        }
    };
    bench.ask(action, payload);
}

/// Something that goes wrong on the way.
fn on_the_way(bench: &mut Bench, random: &mut Random) {
    let action = random.of(&[
        "Authorize",
        "StartTransaction",
        "StopTransaction",
        "MeterValues",
        "StatusNotification",
        "Heartbeat",
        "BootNotification",
    ]);
    match random.below(7) {
        0 => bench.disconnect(),
        1 | 2 => bench.allow_connections(),
        3 => bench.reply_once(action, Reply::Never),
        4 => bench.reply_once(action, Reply::Error("InternalError")),
        5 => bench.reply_once(action, Reply::Cut),
        _ => bench.reply_once(action, Reply::Raw(r#"[3,"{id}",{"odd":1}]"#.to_owned())),
    }
}

/// Every transaction that the central system knows has one end, and nothing else is told of it
/// after that.
fn assert_books_are_right(calls: &[Sent], seed: u32) {
    let mut ended: BTreeMap<i64, &Value> = BTreeMap::new();
    let mut named = BTreeSet::new();
    for call in calls {
        let Some(id) = call.payload["transactionId"].as_i64() else {
            continue;
        };
        assert!(id > 100, "{id} with seed {seed}");
        named.insert(id);
        if call.action == "StopTransaction" {
            let first = ended.entry(id).or_insert(&call.payload);
            assert_eq!(*first, &call.payload, "two ends with seed {seed}");
        } else {
            assert!(
                !ended.contains_key(&id),
                "{call:?} after its end with seed {seed}"
            );
        }
    }
    let starts: BTreeSet<_> = calls
        .iter()
        .filter(|call| call.action == "StartTransaction")
        .map(|call| &call.id)
        .collect();
    let ids: Vec<i64> = ended.keys().copied().collect();
    let expected: Vec<i64> = (0..starts.len() as i64).map(|place| 101 + place).collect();
    assert_eq!(ids, expected, "seed {seed}");
    assert!(named.iter().all(|id| ended.contains_key(id)), "seed {seed}");
}

fn live(seed: u32) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9) | 1);
    let mut bench = Bench::with(Setup {
        tx: random.of(&[1024, 4096]),
        ..Setup::default()
    });
    bench.set("TransactionMessageAttempts", "100");
    bench.set("TransactionMessageRetryInterval", "1");
    bench.set("AllowOfflineTxForUnknownId", "true");
    for _ in 0..150 {
        match random.below(20) {
            0..=8 => at_the_connector(&mut bench, &mut random),
            9..=12 => from_afar(&mut bench, &mut random),
            13..=15 => on_the_way(&mut bench, &mut random),
            16 => {
                // Power goes after some more writes to storage.
                bench.disk.cut_after(random.below(6) as usize);
                at_the_connector(&mut bench, &mut random);
                let pause = random.below(90_000);
                bench.advance(pause.into());
                bench.power_loss();
            }
            _ => {
                let most = random.of(&[SECOND, 20 * SECOND, 10 * MINUTE]);
                let pause = random.below(most as u32);
                bench.advance(pause.into());
            }
        }
    }
    bench.allow_connections();
    bench.advance(HOUR);
    for connector in 1..=2 {
        let _ = bench.input(Input::Stop {
            connector,
            reason: Reason::Local,
        });
    }
    bench.advance(2 * HOUR);
    assert!(bench.is_online(), "seed {seed}");
    assert_eq!(bench.queued(), 0, "seed {seed}");
    let calls = bench.take_sent();
    assert_books_are_right(&calls, seed);
}

#[test]
fn a_hundred_and_fifty_lives() {
    for seed in 1..=150 {
        // The last one that is printed is the one that failed.
        println!("seed {seed}");
        live(seed);
    }
}
