//! Charging profiles at random: a station is sent sets of them, and what it says of its limits is
//! compared with a model that is slow and simple (OCPP 1.6, 3.13).
//!
//! `CHARGING_SETS` says how many sets (10,000), `CHARGING_SEED` which.
#![allow(clippy::restriction)] // What fails here may panic.

mod model;
mod random;
mod station;
mod world;

use std::{
    env,
    hash::{BuildHasher, RandomState},
    io::{self, Write},
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Instant,
};

use random::Random;

fn number(name: &str, default: u64) -> u64 {
    match env::var(name) {
        Ok(text) => text.parse().unwrap(),
        Err(_) => default,
    }
}

#[test]
fn a_station_limits_what_the_model_limits() {
    let sets = number("CHARGING_SETS", 10_000);
    let seed = number("CHARGING_SEED", RandomState::new().hash_one(0) >> 32);
    let began = Instant::now();
    let (next, counts) = (AtomicU64::new(0), world::Counts::default());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let set = next.fetch_add(1, Ordering::Relaxed);
                    if set >= sets {
                        return;
                    }
                    let what = format!("CHARGING_SEED={seed}, set {set}");
                    world::check(&mut Random::new(seed, set), &what, &counts);
                }
            });
        }
    });
    // Not println, which is for tests that fail.
    let told = writeln!(
        io::stderr(),
        "{sets} sets of charging profiles, seed {seed}: {counts}, in {:.1} s",
        began.elapsed().as_secs_f64()
    );
    told.unwrap();
    assert!(counts.is_worth_it(sets), "{counts}");
}
