//! Reservations: power is cut at every byte that a ReserveNow, a CancelReservation and a start by one
//! write, often once more at the next boot. What was answered is so, and the rest is as before or after it;
//! one that was used is over, and its start names it.

use ocpp::station::Input;
use serde_json::json;

use crate::support::{Bench, Cut, HOUR, MINUTE, Outage, id_tag};

/// What is reserved: connector, number, and for whom.
type Reserved = Vec<(u8, i32, String)>;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Connector, number, and for whom.
    Reserve(u8, i32, &'static str),
    Cancel(i32),
    /// That driver begins there.
    Start(u8, &'static str),
    /// The same where the central system cannot be told.
    StartOffline(u8, &'static str),
}

use Step::{Cancel, Reserve, Start, StartOffline};

/// What was there before, and what is cut.
const STORIES: &[(&str, &[Step], Step)] = &[
    ("made", &[], Reserve(1, 7, "A")),
    (
        "for another",
        &[Reserve(1, 7, "A")],
        Reserve(1, 7, "DRIVER-B"),
    ),
    ("moved up", &[Reserve(1, 7, "A")], Reserve(2, 7, "A")),
    ("moved down", &[Reserve(2, 7, "A")], Reserve(1, 7, "B")),
    ("moved to any", &[Reserve(2, 7, "A")], Reserve(0, 7, "A")),
    ("a second", &[Reserve(2, 7, "A")], Reserve(1, 8, "B")),
    (
        "cancelled",
        &[Reserve(0, 7, "A"), Reserve(1, 8, "B")],
        Cancel(8),
    ),
    (
        "used",
        &[Reserve(1, 7, "A"), Reserve(2, 8, "B")],
        Start(1, "A"),
    ),
    ("any used", &[Reserve(0, 7, "A")], Start(2, "A")),
    ("used offline", &[Reserve(1, 7, "A")], StartOffline(1, "A")),
];

/// True when it was answered with Accepted.
fn perform(bench: &mut Bench, step: Step) -> bool {
    let id = match step {
        Reserve(connector, id, tag) => {
            let expires = bench.utc_at(1_000 * HOUR);
            let request = json!({
                "connectorId": connector,
                "expiryDate": expires,
                "idTag": tag,
                "parentIdTag": "GROUP",
                "reservationId": id,
            });
            bench.ask("ReserveNow", request)
        }
        Cancel(id) => bench.ask("CancelReservation", json!({ "reservationId": id })),
        Start(connector, tag) => {
            let id_tag = &id_tag(tag);
            let _ = bench.input(Input::Start { connector, id_tag });
            return false;
        }
        StartOffline(connector, tag) => {
            bench.disconnect();
            return perform(bench, Start(connector, tag));
        }
    };
    bench.take_status(&id).as_deref() == Some("Accepted")
}

fn station(before: &[Step]) -> Bench {
    let mut bench = Bench::new();
    for &step in before {
        assert!(perform(&mut bench, step), "{step:?}");
    }
    bench.forget();
    bench
}

fn reserved(bench: &mut Bench) -> Reserved {
    bench.operate(|station, _| {
        let all = (0..=2).filter_map(|number| Some((number, station.reservation(number)?)));
        all.map(|(number, it)| (number, it.id, it.id_tag.to_owned()))
            .collect()
    })
}

fn cut(
    name: &str,
    before: &[Step],
    step: Step,
    cut: Cut,
    turn: usize,
    old: &Reserved,
    new: &Reserved,
) {
    let name = format!("{name}, {cut:?}");
    let mut bench = station(before);
    bench.outage = Outage {
        ms: 0,
        again: (turn % 3 == 1).then_some(turn / 3 % 4),
        takes_link: false,
    };
    bench.disk.cut_from_here(cut);
    let is_promised = perform(&mut bench, step);
    bench.disk.spare();
    bench.advance(MINUTE);
    bench.reconnect();
    bench.advance(3 * MINUTE);
    let now = reserved(&mut bench);
    assert!(now == *old || now == *new, "{name}: {now:?}");
    if is_promised {
        assert_eq!(now, *new, "{name}");
    }
    if let Start(..) | StartOffline(..) = step {
        let starts = bench.all_calls("StartTransaction");
        let names_it = starts.iter().any(|start| start["reservationId"] == 7);
        assert_eq!(names_it, now == *new, "{name}: {starts:?}");
    }
    // What is reserved can be cancelled, and is so after the next boot.
    for (_, id, _) in now {
        assert!(perform(&mut bench, Cancel(id)), "{name}");
    }
    bench.power_loss();
    bench.advance(MINUTE);
    assert_eq!(reserved(&mut bench), [], "{name}");
}

#[test]
fn whenever_power_goes_a_reservation_is_there_or_not() {
    let mut cuts = 0;
    for &(name, before, step) in STORIES {
        let mut bench = station(before);
        let old = reserved(&mut bench);
        let writes = bench.disk.writes();
        perform(&mut bench, step);
        let written = bench.disk.written().split_off(writes);
        let new = reserved(&mut bench);
        assert_ne!(old, new, "{name}");
        for (write, written) in written.iter().enumerate() {
            for bytes in 0..=written.bytes {
                let place = Cut::Inside { write, bytes };
                cut(name, before, step, place, cuts, &old, &new);
                cuts += 1;
            }
        }
    }
    println!("{cuts} power cuts");
    assert!(cuts > 800, "{cuts}");
}
