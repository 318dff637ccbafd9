//! What a transaction writes to storage, as docs/storage.md says: the numbers of its table are
//! these.

use std::{collections::BTreeMap, fs};

use ocpp::domain::Reason;

use crate::support::{Bench, Disk, HOUR, MINUTE, SECOND, Setup, Wiring};

/// Records of a kind that were written, their bytes, and how many were erased.
type Wear = BTreeMap<&'static str, (usize, usize, usize)>;

fn kind(id: u16) -> &'static str {
    match id >> 8 {
        0x00 => "life",
        0x01 => "configuration key",
        0x02 => "connector",
        0x03 => "transaction",
        0x04 => "assigned id",
        0x10..=0x1f => "cache entry",
        0x20..=0x2f => "journal",
        _ => panic!("{id:04x} is in no range"),
    }
}

fn since(disk: &Disk, before: usize) -> Wear {
    let mut wear = Wear::new();
    for written in disk.written().split_off(before) {
        let (writes, bytes, erasures) = wear.entry(kind(written.id.0)).or_default();
        match written.record {
            Some(record) => {
                *writes += 1;
                *bytes += record.len();
            }
            None => *erasures += 1,
        }
    }
    wear
}

/// `| an hour | 62 | 2,460 | 62 |`
fn row(what: &str, wear: &Wear) -> String {
    let of = |part: fn(&(usize, usize, usize)) -> usize| wear.values().map(part).sum::<usize>();
    let (writes, bytes, erasures) = (of(|w| w.0), of(|w| w.1), of(|w| w.2));
    format!("| {what} | {writes} | {bytes} | {erasures} |")
}

/// A transaction of an hour by a driver whom the charge point knows.
fn hour(keys: &[(&str, &str)], is_offline: bool) -> Wear {
    let mut bench = Bench::with(Setup::default());
    bench.wire_meter(1, Wiring::ThreePhase);
    for (key, value) in keys {
        bench.set(key, value);
    }
    bench.start(1, "04A1B2C3D4E5F6");
    bench.stop(1, Reason::Local);
    bench.advance(30 * SECOND);
    if is_offline {
        bench.disconnect();
    }
    let before = bench.disk.writes();
    bench.start(1, "04A1B2C3D4E5F6");
    bench.advance(HOUR - SECOND);
    bench.stop(1, Reason::Local);
    let mut wear = since(&bench.disk, before);
    // That of the hour, whether it charges or not.
    wear.remove("life");
    wear
}

#[test]
fn the_table_of_the_documentation_is_right() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/storage.md");
    let document = fs::read_to_string(path).unwrap();
    let five = "Energy.Active.Import.Register,Power.Active.Import,Voltage,Current.Import,SoC";
    let rows = [
        row("an hour, a sample a minute", &hour(&[], false)),
        row("the same, without a connection", &hour(&[], true)),
        row(
            "the same, five measurands",
            &hour(&[("MeterValuesSampledData", five)], false),
        ),
        row(
            "the same, in StopTransaction, too",
            &hour(
                &[("StopTxnSampledData", "Energy.Active.Import.Register")],
                false,
            ),
        ),
        row(
            "the same, no samples",
            &hour(&[("MeterValueSampleInterval", "0")], false),
        ),
    ];
    let missing: Vec<_> = rows
        .iter()
        .filter(|row| !document.contains(row.as_str()))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/storage.md does not say:\n{missing:#?}"
    );
}

#[test]
fn a_boot_writes_one_record_and_a_day_of_waiting_one_an_hour() {
    let mut bench = Bench::new();
    let before = bench.disk.writes();
    bench.power_loss();
    bench.advance(MINUTE);
    // The number of the boot, then the time.
    let boot = since(&bench.disk, before);
    assert_eq!(boot, Wear::from([("life", (2, 26, 0))]));
    let before = bench.disk.writes();
    bench.advance(24 * HOUR);
    let (writes, _, _) = since(&bench.disk, before)["life"];
    assert!((22..=24).contains(&writes), "{writes}");
}

#[test]
fn no_record_is_longer_than_what_the_documentation_says_storage_must_hold() {
    let mut bench = Bench::new();
    bench.wire_meter(1, Wiring::ThreePhase);
    bench.charge(1, "04A1B2C3D4E5F60718AB");
    bench.disconnect();
    bench.advance(3 * MINUTE);
    bench.tag(1, "04A1B2C3D4E5F60718AB");
    bench.unplug(1);
    // Names the one before, whose end waits.
    bench.start(1, "04A1B2C3D4E5F60718AB");
    let records = bench.disk.snapshot();
    let is_start = |record: &&Vec<u8>| record.len() == 60 && record[1] == 0;
    assert_eq!(records.values().filter(is_start).count(), 1);
    for (id, record) in records {
        let most = match kind(id.0) {
            "journal" if record[1] == 0 => 60,
            "journal" if record[1] == 3 => 57,
            "life" => 13,
            "connector" => 1,
            "transaction" => 41,
            "assigned id" => 46,
            "cache entry" => 55,
            _ => ocpp::limits::RECORD_LENGTH,
        };
        assert!(record.len() <= most, "{id:?}: {} bytes", record.len());
    }
}
