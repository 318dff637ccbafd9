//! What a loop counts. One thread writes, others read.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $name:ident),+ $(,)?) => {
        /// Sums since the start.
        #[derive(Debug, Default)]
        pub struct Counters { $($(#[doc = $doc])+ pub $name: AtomicU64),+ }
        impl Counters {
            fn each(&self, mut hear: impl FnMut(usize, u64)) {
                let mut place = 0;
                $(hear(place, self.$name.load(Relaxed)); place += 1;)+
                let _ = place;
            }
        }
        /// The sums of all loops at one moment.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Sums { $($(#[doc = $doc])+ pub $name: u64),+ }
        impl Sums {
            fn places(&mut self) -> [&mut u64; Self::NAMES.len()] { [$(&mut self.$name),+] }
            /// Their names, as reports have them.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),+];
            /// What each of them is.
            pub const HELP: &'static [&'static str] = &[$(concat!($($doc),+)),+];
            /// All of them, in the order of the names.
            pub fn values(&self) -> [u64; Self::NAMES.len()] { [$(self.$name),+] }
        }
    };
}

counters! {
    /// Times that a station came up
    boots,
    /// Websockets that were opened
    connections,
    /// Attempts to connect that came to no answer
    refused,
    /// Handshakes that were answered with something else than 101
    rejected,
    /// Connections that the peer or the network ended
    lost,
    /// CALLs sent
    calls,
    /// CALLRESULTs to them
    results,
    /// CALLERRORs to them
    call_errors,
    /// CALLs without an answer
    timeouts,
    /// Answers that could not be read
    bad_answers,
    /// Messages that were given up, whose content is lost
    given_up,
    /// CALLs of the central system
    requests,
    /// Frames of the central system that were dropped
    dropped,
    /// Records that could not be stored
    storage_failures,
    /// Vehicles that came
    vehicles,
    /// idTags that were not accepted
    not_authorized,
    /// Transactions that began
    started,
    /// Transactions that ended
    stopped,
    /// Transactions whose end the central system knows
    reported,
    /// MeterValues sent, again or for the first time, and TransactionEvents that are no start or end
    samples,
    /// Connectors that broke
    faults,
    /// Bytes sent on websockets
    bytes_out,
    /// Bytes that arrived on them
    bytes_in,
}

/// How many there are now.
#[derive(Debug, Default)]
pub struct Gauges {
    /// Stations that are under power.
    pub running: AtomicI64,
    /// Stations with a websocket.
    pub connected: AtomicI64,
    /// Stations that the central system has accepted.
    pub accepted: AtomicI64,
    /// Transactions.
    pub charging: AtomicI64,
    /// Transaction messages that wait.
    pub queued: AtomicI64,
}

/// The same of all loops at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    pub running: i64,
    pub connected: i64,
    pub accepted: i64,
    pub charging: i64,
    pub queued: i64,
}

/// Times that answers took: 16 steps for each doubling, so that a value is known to 6 %.
#[derive(Debug)]
pub struct Times(Box<[AtomicU64]>);

const STEPS: u64 = 16;
const BUCKETS: usize = 16 * 32;

impl Default for Times {
    fn default() -> Self {
        Self((0..BUCKETS).map(|_| AtomicU64::new(0)).collect())
    }
}

fn bucket(micros: u64) -> usize {
    if micros < STEPS {
        return micros as usize;
    }
    let power = u64::from(micros.ilog2()) - 4;
    let step = (micros >> power) - STEPS;
    ((power + 1) * STEPS + step).min(BUCKETS as u64 - 1) as usize
}

/// The longest time in a bucket, in microseconds.
fn longest(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    match bucket / STEPS {
        0 => bucket,
        power => ((STEPS + bucket % STEPS + 1) << (power - 1)) - 1,
    }
}

/// How often each time was seen, of all loops at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram(pub Vec<u64>);

impl Histogram {
    /// What was seen since then.
    pub fn since(&self, before: &Self) -> Self {
        let earlier = before.0.iter().copied().chain(std::iter::repeat(0));
        let counts = self.0.iter().zip(earlier);
        Self(
            counts
                .map(|(now, before)| now.saturating_sub(before))
                .collect(),
        )
    }

    pub fn count(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Microseconds that this share took at most; 0 where there are none.
    pub fn quantile(&self, share: f64) -> u64 {
        let wanted = (self.count() as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bucket, count) in self.0.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return longest(bucket);
            }
        }
        0
    }

    /// How many took no longer than that.
    pub fn within(&self, micros: u64) -> u64 {
        self.0.iter().take(bucket(micros) + 1).sum()
    }
}

/// Everything that a loop counts.
#[derive(Debug, Default)]
pub struct Stats {
    pub counters: Counters,
    pub gauges: Gauges,
    pub times: Times,
}

impl Stats {
    pub fn took(&self, micros: u64) {
        if let Some(count) = self.times.0.get(bucket(micros)) {
            add(count, 1);
        }
    }
}

/// One thread writes each of them.
pub fn add(counter: &AtomicU64, number: u64) {
    counter.store(counter.load(Relaxed) + number, Relaxed);
}

pub fn shift(gauge: &AtomicI64, by: i64) {
    gauge.store(gauge.load(Relaxed) + by, Relaxed);
}

/// What all loops have counted until now.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub sums: Sums,
    pub levels: Levels,
    pub times: Histogram,
}

impl Snapshot {
    pub fn take<'s>(all: impl IntoIterator<Item = &'s Stats>) -> Self {
        let mut snapshot = Self {
            times: Histogram(vec![0; BUCKETS]),
            ..Self::default()
        };
        for stats in all {
            let mut sums = snapshot.sums.places();
            stats.counters.each(|place, value| {
                if let Some(sum) = sums.get_mut(place) {
                    **sum += value;
                }
            });
            let (levels, gauges) = (&mut snapshot.levels, &stats.gauges);
            levels.running += gauges.running.load(Relaxed);
            levels.connected += gauges.connected.load(Relaxed);
            levels.accepted += gauges.accepted.load(Relaxed);
            levels.charging += gauges.charging.load(Relaxed);
            levels.queued += gauges.queued.load(Relaxed);
            for (sum, count) in snapshot.times.0.iter_mut().zip(&stats.times.0) {
                *sum += count.load(Relaxed);
            }
        }
        snapshot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_known_to_a_sixteenth() {
        for micros in [
            0, 1, 15, 16, 17, 31, 32, 100, 1_000, 65_535, 1_000_000, 30_000_000,
        ] {
            let found = longest(bucket(micros));
            assert!(
                found >= micros && found - micros <= micros / 16,
                "{micros} {found}"
            );
        }
    }

    #[test]
    fn quantiles_are_of_what_all_loops_saw_since() {
        let loops = [Stats::default(), Stats::default()];
        loops[0].took(1_000_000);
        let before = Snapshot::take(&loops);
        for micros in 1..=10 {
            loops[0].took(micros);
            loops[1].took(micros);
        }
        add(&loops[1].counters.calls, 2);
        shift(&loops[0].gauges.connected, 3);
        let after = Snapshot::take(&loops);
        let since = after.times.since(&before.times);
        assert_eq!(
            (since.count(), since.quantile(0.5), since.quantile(0.9)),
            (20, 5, 9)
        );
        assert_eq!((since.quantile(1.0), since.within(3)), (10, 6));
        assert_eq!((after.sums.calls, after.levels.connected), (2, 3));
        assert_eq!(Histogram::default().quantile(0.5), 0);
    }
}
