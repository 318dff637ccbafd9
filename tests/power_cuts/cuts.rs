//! Every script, cut everywhere.

use std::{
    env,
    io::{self, Write},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use ocpp::storage::{RecordId, Storage};

use crate::{
    run::{self, Fate},
    script::Script,
    scripts,
    support::{Cut, Disk},
};

/// True where `POWER_CUTS=all` asks for every byte. Without it a record is cut around its ends, where
/// the old one becomes the new one, and at every sixteenth byte between them, others in each record.
fn is_everywhere() -> bool {
    env::var_os("POWER_CUTS").is_some_and(|wanted| wanted == "all")
}

fn is_cut(write: usize, bytes: usize, length: usize) -> bool {
    bytes < 2 || bytes + 2 > length || (write + bytes).is_multiple_of(16) || is_everywhere()
}

/// Cuts a script everywhere: how many cuts there were, and what went wrong.
fn cut_everywhere(script: &Script) -> (usize, Vec<String>) {
    let writes = match run::writes(script) {
        Ok(writes) => writes,
        Err(wrong) => return (0, vec![wrong]),
    };
    let mut cuts = 0;
    let mut violations = Vec::new();
    for (write, length) in writes.iter().map(|written| written.bytes).enumerate() {
        // Just before it, after each of its bytes but the last, and just after it.
        for bytes in (0..=length).filter(|&bytes| is_cut(write, bytes, length)) {
            let cut = Cut::Inside { write, bytes };
            violations.extend(run::cut(script, Fate::of(cut, cuts)).err());
            cuts += 1;
        }
    }
    (cuts, violations)
}

/// What all of it rests on: the medium itself keeps its promise.
#[test]
fn a_record_is_the_old_or_the_new_one_at_every_byte() {
    let (id, other) = (RecordId(7), RecordId(8));
    let (old, new) = (&[1; 20], &[2; 33]);
    for is_erased in [false, true] {
        for bytes in 0.. {
            let mut disk = Disk::default();
            disk.write(id, old).unwrap();
            disk.write(other, old).unwrap();
            disk.cut_from_here(Cut::Inside { write: 0, bytes });
            if is_erased {
                disk.erase(id).unwrap();
            } else {
                disk.write(id, new).unwrap();
            }
            let length = disk.written().last().unwrap().bytes;
            disk.restore();
            let records = disk.snapshot();
            assert_eq!(records[&other], old);
            let found = records.get(&id).map(Vec::as_slice);
            let after = (!is_erased).then_some(&new[..]);
            let expected = if bytes < length {
                Some(&old[..])
            } else {
                after
            };
            assert_eq!(found, expected, "after {bytes} bytes");
            // What comes later can be read.
            disk.write(id, new).unwrap();
            disk.restore();
            assert_eq!(disk.snapshot()[&id], new);
            if bytes == length {
                break;
            }
        }
    }
}

#[test]
fn whenever_power_goes_the_books_are_right() {
    let scripts = scripts::all();
    assert!(scripts.len() >= 40, "{}", scripts.len());
    let next = AtomicUsize::new(0);
    let results = Mutex::new((0, Vec::new()));
    let work = || {
        while let Some(script) = scripts.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (cuts, violations) = cut_everywhere(script);
            let mut results = results.lock().unwrap();
            results.0 += cuts;
            results.1.extend(violations);
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let (cuts, violations) = results.into_inner().unwrap();
    // Not println, which is for tests that fail.
    let told = writeln!(
        io::stderr(),
        "{} scripts, {cuts} power cuts, {} violations",
        scripts.len(),
        violations.len()
    );
    told.unwrap();
    let first: Vec<_> = violations.iter().take(5).collect();
    assert!(violations.is_empty(), "{first:#?}");
    let least = if is_everywhere() { 20_000 } else { 5_000 };
    assert!(cuts > least, "{cuts}");
}
