//! What has to be true after the demonstration.

use central_system::{Direction as Sender, Station, Transaction};

use super::{
    script::{CARD, FOB, Played, SAMPLE_INTERVAL, SAMPLES},
    watch::Watch,
};
use crate::{charge_point::Hardware, exchange::Direction, vehicle::MJ_PER_WH};

/// Something that has to be true.
#[derive(Debug)]
pub struct Check {
    pub what: String,
    pub passed: bool,
}

/// Compares the books of the central system with what the charge point says and with what the
/// vehicles got.
pub fn compare(
    station: &Station,
    watch: &Watch,
    hardware: &Hardware,
    played: &Played,
) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut check = |what: &str, passed: bool| {
        checks.push(Check {
            what: what.to_owned(),
            passed,
        });
    };
    check("the script came to its end", played.problem.is_none());
    check("the charge point met no error", watch.errors() == 0);
    check(
        "one BootNotification, accepted",
        station.calls("BootNotification") == 1
            && station.registration.as_deref() == Some("Accepted"),
    );
    check(
        "the configuration was changed",
        played.sample_interval.as_deref() == Some(SAMPLE_INTERVAL),
    );
    check(
        "two starts and two stops",
        station.calls("StartTransaction") == 2 && station.calls("StopTransaction") == 2,
    );
    for (connector, id_tag, reason, told) in [
        (1, CARD, "Local", played.transaction_ids[0]),
        (2, FOB, "Remote", played.transaction_ids[1]),
    ] {
        let mut check = |what: &str, passed: bool| {
            check(&format!("connector {connector}: {what}"), passed);
        };
        let mut booked = station.transactions.iter();
        let booked = booked.find(|t| t.connector_id == u32::from(connector));
        let is = |condition: &dyn Fn(&Transaction) -> bool| booked.is_some_and(condition);
        check("the transaction is in the books", booked.is_some());
        check(
            "its number is the one the charge point was told",
            is(&|t| told.is_some_and(|told| told.number() == Some(t.id))),
        );
        check(
            "its idTag was accepted",
            is(&|t| t.id_tag == id_tag && t.id_tag_status == "Accepted"),
        );
        check(
            "one start and one stop were sent",
            is(&|t| t.start_frames == 1 && t.stop_frames == 1),
        );
        check(
            "it ended for the right reason",
            is(&|t| {
                let stop = t.stop.as_ref();
                stop.is_some_and(|stop| stop.reason.as_deref() == Some(reason))
            }),
        );
        check(
            "meter values were sampled",
            is(&|t| t.meter_values >= SAMPLES),
        );
        // The vehicle counts by itself; whole Wh differ by less than one.
        let charged = hardware.connector(connector).map_or(0, |c| c.charged_mj());
        check(
            "the energy billed is what the vehicle got",
            is(&|t| {
                energy(t).is_some_and(|wh| {
                    let billed = u64::try_from(wh).unwrap_or(0) * MJ_PER_WH;
                    wh > 0 && billed.abs_diff(charged) < MJ_PER_WH
                })
            }),
        );
        check(
            "it is free again",
            station.status(connector.into()) == Some("Available"),
        );
    }
    let frames = |sender| {
        let all = station.frames.iter();
        all.filter(|frame| frame.direction == sender).count()
    };
    check(
        "no frame was lost",
        frames(Sender::FromStation) == watch.frames(Direction::Out)
            && frames(Sender::ToStation) == watch.frames(Direction::In),
    );
    check(
        "nothing was sent twice or unasked",
        station.duplicates == 0 && station.stray_stops == 0 && station.unexpected_answers == 0,
    );
    check("no rule of OCPP-J was broken", station.faults.is_empty());
    checks
}

/// The energy of a transaction that has ended, in Wh.
pub fn energy(transaction: &Transaction) -> Option<i64> {
    let stop = transaction.stop.as_ref()?;
    Some(stop.meter_stop - transaction.meter_start)
}
