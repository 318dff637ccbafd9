//! Power is cut at every byte of everything that is written for charging profiles, and again while the
//! next boot clears up: what was accepted is in force afterwards, what was not yet answered is there
//! or not, and nothing is left of what was replaced.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Bench, Cut, Profile, of_transaction, station_max, tx_default};

/// One request, and what connectors 1 and 2 may draw once it is carried out, in tenths of A.
type Step = (&'static str, Value, [Option<u32>; 2]);

fn set(connector: u8, profile: Profile, limits: [Option<u32>; 2]) -> Step {
    let request = json!({ "connectorId": connector, "csChargingProfiles": profile.0 });
    ("SetChargingProfile", request, limits)
}

fn clear(filter: Value, limits: [Option<u32>; 2]) -> Step {
    ("ClearChargingProfile", filter, limits)
}

/// More than a chunk.
fn long(profile: Profile, limit: f64) -> Profile {
    let periods: Vec<_> = (0..24).map(|n| (n * 86_400, limit)).collect();
    profile.periods(&periods)
}

fn steps() -> Vec<Step> {
    vec![
        set(0, long(tx_default(1, 1), 11.0), [Some(110), Some(110)]),
        // By its id: in its place.
        set(0, long(tx_default(1, 1), 12.0), [Some(120), Some(120)]),
        set(1, tx_default(2, 2).limit(13.0), [Some(130), Some(120)]),
        // By its level.
        set(1, tx_default(3, 2).limit(14.0), [Some(140), Some(120)]),
        set(1, tx_default(4, 5).limit(15.0), [Some(150), Some(120)]),
        // By both: two go.
        set(1, long(tx_default(3, 5), 16.0), [Some(160), Some(120)]),
        set(0, station_max(5, 0).limit(10.0), [Some(100), Some(100)]),
        // Under another purpose.
        set(2, tx_default(5, 0).limit(17.0), [Some(160), Some(170)]),
        clear(json!({ "id": 3 }), [Some(120), Some(170)]),
        clear(json!({}), [None, None]),
    ]
}

fn limits(bench: &Bench) -> [Option<u32>; 2] {
    [1, 2].map(|n| bench.limit(n).map(|limit| limit.deciamperes))
}

/// What of storage belongs to profiles.
fn records(bench: &Bench) -> BTreeSet<u16> {
    let records = bench.disk.snapshot();
    let ids = records.keys().map(|id| id.0);
    ids.filter(|id| matches!(id, 0x0600..0x0640 | 0x8000..0xc000))
        .collect()
}

/// Performs all steps, with a cut in that one: whether the cut came.
fn cut(at: usize, cut: Cut, again: Option<usize>) -> bool {
    let mut bench = Bench::new();
    for (place, (action, request, after)) in steps().into_iter().enumerate() {
        let before = limits(&bench);
        if place == at {
            bench.outage.again = again;
            bench.disk.cut_from_here(cut);
        }
        let id = bench.ask(action, request.clone());
        while !bench.is_powered() {
            bench.advance(1_000);
        }
        if bench.outages > 0 {
            bench.disk.spare();
            bench.reconnect();
            let found = limits(&bench);
            let what = format!("step {at}, {cut:?}, {again:?}");
            // Several are cleared one after the other.
            let either = found.iter().zip(before.iter().zip(&after));
            let mut either =
                either.map(|(found, (before, after))| found == before || found == after);
            assert!(either.all(|is_right| is_right), "{what}: {found:?}");
            if bench.take_status(&id).is_some() {
                assert_eq!(found, after, "{what}: was accepted");
            }
            // The rest goes on as if nothing had been.
            let status = bench.status_of(action, request);
            assert!(
                ["Accepted", "Unknown"].contains(&status.as_str()),
                "{what}: {status}"
            );
        }
        assert_eq!(limits(&bench), after, "step {place}, cut in {at}");
    }
    assert_eq!(
        records(&bench),
        BTreeSet::new(),
        "left behind: cut {cut:?} in {at}"
    );
    bench.outages > 0
}

#[test]
fn whenever_power_goes_a_profile_is_the_old_or_the_new_one() {
    let mut cuts = 0;
    for at in 0..steps().len() {
        let mut bench = Bench::new();
        for (action, request, _) in steps().into_iter().take(at) {
            bench.status_of(action, request);
        }
        let before = bench.disk.writes();
        let (action, request, _) = steps().remove(at);
        bench.status_of(action, request);
        let written = bench.disk.written();
        for (write, length) in written[before..].iter().map(|it| it.bytes).enumerate() {
            for bytes in 0..=length {
                // While the next boot clears up, in every other one.
                let again = (cuts % 2 == 1).then_some(cuts / 2 % 5);
                assert!(cut(at, Cut::Inside { write, bytes }, again));
                cuts += 1;
            }
        }
    }
    assert!(cuts > 1_500, "{cuts}");
}

/// The profile of a transaction goes with it, also where power goes meanwhile.
#[test]
fn whenever_power_goes_nothing_is_left_of_the_profile_of_a_transaction() {
    let start = || {
        let mut bench = Bench::new();
        bench.plug(1);
        bench
    };
    let profile = long(of_transaction(1, 0), 12.0);
    let request = json!({ "connectorId": 1, "idTag": "TAG", "chargingProfile": profile.0 });
    let mut bench = start();
    let before = bench.disk.writes();
    bench.status_of("RemoteStartTransaction", request.clone());
    assert_eq!(limits(&bench), [Some(120), None]);
    bench.tag(1, "TAG");
    let written = bench.disk.written();
    for (write, length) in written[before..].iter().map(|it| it.bytes).enumerate() {
        for bytes in 0..=length {
            let mut bench = start();
            bench.disk.cut_from_here(Cut::Inside { write, bytes });
            bench.ask("RemoteStartTransaction", request.clone());
            if bench.is_powered() && bench.outages == 0 {
                bench.tag(1, "TAG");
            }
            while !bench.is_powered() {
                bench.advance(1_000);
            }
            bench.disk.spare();
            bench.reconnect();
            bench.advance(120_000);
            assert_eq!(limits(&bench), [None, None], "{write}, {bytes}");
            assert_eq!(records(&bench), BTreeSet::new(), "{write}, {bytes}");
        }
    }
}
