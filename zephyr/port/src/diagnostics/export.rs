//! The ring as a file: a line for each entry of a time.

use ocpp::wire::{UnixMillis, number::Digits, timestamp};

use super::{STORE, TEXT, entry::Entry, flags, ring::Position, save};
use crate::text::CText;

/// In front of a text: `2026-03-02T08:00:00.000Z inf `; or the seconds since the boot, `+12.345 inf `.
const FRONT: usize = 30;

/// What lines of the security log begin with.
const SECURITY: &str = "security: ";

/// A line with its end, and a zero behind it.
type Line = CText<{ FRONT + TEXT + 2 }>;

/// The file, read from its beginning to its end while more is added to the ring behind it.
#[derive(Debug)]
pub(crate) struct Export(File);

impl Export {
    /// The entries from `start` up to `stop` that are there now, as
    /// [`LogUpload::oldest`](ocpp::station::LogUpload::oldest) and
    /// [`LogUpload::latest`](ocpp::station::LogUpload::latest) say.
    pub fn begin(start: Option<UnixMillis>, stop: Option<UnixMillis>) -> Self {
        save();
        Self(File::new(start, stop, STORE.with(|store| store.end())))
    }

    /// Only what security depends on: the security log.
    pub fn of_security(mut self) -> Self {
        self.0.walk.beginning = SECURITY;
        self
    }

    /// Bytes of the whole file: [`Self::read`] gives exactly so many, if this is called before it.
    pub fn length(&mut self) -> u32 {
        self.0.length(&mut Shared)
    }

    /// The next bytes; how many there are, 0 at the end of the file. Takes a while, as flash is read: not
    /// with a lock held.
    pub fn read(&mut self, into: &mut [u8]) -> usize {
        self.0.read(&mut Shared, into)
    }
}

/// Where entries are read from.
trait Source {
    /// As [`Ring::next`](super::ring::Ring::next) does.
    fn next(&mut self, from: &mut Position, until: Position, entry: &mut Entry) -> bool;
}

/// The ring of the image. The lock is given back after each entry: a thread may wait for it.
struct Shared;

impl Source for Shared {
    fn next(&mut self, from: &mut Position, until: Position, entry: &mut Entry) -> bool {
        STORE.with(|store| store.next(from, until, entry))
    }
}

#[derive(Debug)]
struct File {
    walk: Walk,
    /// Bytes of the file, once they were counted.
    length: Option<u32>,
    /// Bytes that were read.
    given: u32,
    line: Line,
    /// Of the line.
    at: usize,
}

impl File {
    const fn new(start: Option<UnixMillis>, stop: Option<UnixMillis>, until: Position) -> Self {
        Self {
            walk: Walk {
                start,
                stop,
                from: Position::FIRST,
                until,
                before: None,
                ahead: Ahead::Unknown,
                looked: Position::FIRST,
                beginning: "",
            },
            length: None,
            given: 0,
            line: Line::new(),
            at: 0,
        }
    }

    fn length(&mut self, source: &mut impl Source) -> u32 {
        if let Some(length) = self.length {
            return length;
        }
        let mut walk = self.walk.clone();
        let mut length = 0u32;
        while walk.next(source, &mut self.line) {
            length = length.saturating_add(self.line.as_str().len() as u32);
        }
        self.line.clear();
        self.length = Some(length);
        length
    }

    fn read(&mut self, source: &mut impl Source, into: &mut [u8]) -> usize {
        let left = self.length.map(|length| length.saturating_sub(self.given));
        let most = left.map_or(usize::MAX, |left| {
            usize::try_from(left).unwrap_or(usize::MAX)
        });
        let room = into.len().min(most);
        let mut read = 0;
        while read < room {
            let place = into.get_mut(read..room).unwrap_or(&mut []);
            read += match self.copy(source, place) {
                // What was overwritten since its bytes were counted: empty lines stand for it.
                0 if self.length.is_some() => {
                    place.fill(b'\n');
                    place.len()
                }
                0 => break,
                copied => copied,
            };
        }
        self.given = self.given.saturating_add(read as u32);
        read
    }

    /// Copies what is left of the line, or of the next one; 0 behind the last one.
    fn copy(&mut self, source: &mut impl Source, into: &mut [u8]) -> usize {
        if self.at >= self.line.as_str().len() {
            self.at = 0;
            if !self.walk.next(source, &mut self.line) {
                return 0;
            }
        }
        let bytes = self.line.as_str().as_bytes();
        let rest = bytes.get(self.at..).unwrap_or(&[]);
        for (place, byte) in into.iter_mut().zip(rest) {
            *place = *byte;
        }
        let copied = rest.len().min(into.len());
        self.at += copied;
        copied
    }
}

/// What is known of the time of entries that were written before the clock was set.
#[derive(Clone, Copy, Debug)]
enum Ahead {
    /// It is so much more.
    By(i64),
    /// It is earlier than this.
    Before(UnixMillis),
    /// Nothing.
    Unknown,
}

/// The way through the ring.
#[derive(Clone, Debug)]
struct Walk {
    start: Option<UnixMillis>,
    stop: Option<UnixMillis>,
    from: Position,
    until: Position,
    /// Time of the last entry that had one.
    before: Option<UnixMillis>,
    ahead: Ahead,
    /// Up to where that holds.
    looked: Position,
    /// What a line has to begin with.
    beginning: &'static str,
}

impl Walk {
    /// The next line of that time; false, and an empty line, at the end.
    #[inline(never)] // its buffers are on no other stack
    fn next(&mut self, source: &mut impl Source, line: &mut Line) -> bool {
        let mut entry = Entry::new();
        line.clear();
        while source.next(&mut self.from, self.until, &mut entry) {
            if entry.is(flags::CLOCK) {
                continue;
            }
            let utc = self.utc(source, &entry);
            self.before = utc.or(self.before);
            if self.is_wanted(utc) && entry.text().starts_with(self.beginning) {
                write(line, &entry, utc);
                return true;
            }
        }
        false
    }

    /// The time of an entry, if it can be known.
    fn utc(&mut self, source: &mut impl Source, entry: &Entry) -> Option<UnixMillis> {
        if entry.is(flags::UTC) {
            return Some(entry.time());
        }
        if self.from > self.looked {
            self.look_ahead(source);
        }
        match self.ahead {
            Ahead::By(ahead) => Some(entry.time().saturating_add(ahead)),
            Ahead::Before(_) | Ahead::Unknown => None,
        }
    }

    /// Looks when the clock was set in the boot that is read, else for the next time that is known.
    fn look_ahead(&mut self, source: &mut impl Source) {
        let mut entry = Entry::new();
        let (mut at, until) = (self.from, self.until);
        let mut boot = None;
        (self.ahead, self.looked) = (Ahead::Unknown, until);
        loop {
            let front = at;
            if !source.next(&mut at, until, &mut entry) {
                return;
            }
            let found = match () {
                () if entry.is(flags::CLOCK) && boot.is_none() => Ahead::By(entry.time()),
                // When that boot began.
                () if entry.is(flags::CLOCK) => Ahead::Before(entry.time()),
                () if entry.is(flags::UTC) => Ahead::Before(entry.time()),
                () => {
                    if entry.is(flags::BOOT) {
                        boot = Some(front);
                    }
                    continue;
                }
            };
            // Entries of the boot in which it was found are looked up again.
            (self.ahead, self.looked) = (found, boot.unwrap_or(at));
            return;
        }
    }

    /// An entry whose time is not known is left out where it must be too early or too late.
    fn is_wanted(&self, utc: Option<UnixMillis>) -> bool {
        let earliest = utc.or(self.before);
        let latest = utc.or(match self.ahead {
            Ahead::Before(time) => Some(time),
            _ => None,
        });
        let is_late = self
            .stop
            .zip(earliest)
            .is_some_and(|(stop, time)| time > stop);
        let is_early = self
            .start
            .zip(latest)
            .is_some_and(|(start, time)| time < start);
        !is_late && !is_early
    }
}

fn write(line: &mut Line, entry: &Entry, utc: Option<UnixMillis>) {
    match utc {
        Some(utc) => {
            let text = timestamp::format(utc);
            line.push(core::str::from_utf8(&text).unwrap_or(""));
        }
        None => {
            line.push("+");
            line.push(Digits::decimal(entry.time(), 3).as_str());
        }
    }
    line.push(match entry.kind() & flags::LEVEL {
        1 => " err ",
        2 => " wrn ",
        _ => " inf ",
    });
    line.push(entry.text());
    line.push("\n");
}

#[cfg(test)]
mod tests {
    use std::{format, string::String, vec::Vec};

    use super::{
        super::ring::{
            Ring,
            tests::{Flash, ring},
        },
        *,
    };

    /// 2026-03-02T08:00:00Z
    const MORNING: UnixMillis = 1_772_438_400_000;
    const INFO: u8 = 3;

    impl Source for Ring<Flash> {
        fn next(&mut self, from: &mut Position, until: Position, entry: &mut Entry) -> bool {
            Ring::next(self, from, until, entry)
        }
    }

    fn add(ring: &mut Ring<Flash>, kind: u8, time: i64, text: &str) {
        let mut entry = Entry::new();
        entry.set(kind, time, text);
        assert!(ring.append(&entry).is_some());
    }

    fn all(file: &mut File, ring: &mut Ring<Flash>, at_once: usize) -> String {
        let mut bytes = Vec::new();
        let mut piece = std::vec![0; at_once];
        loop {
            match file.read(ring, &mut piece) {
                0 => return String::from_utf8(bytes).unwrap(),
                read => bytes.extend_from_slice(&piece[..read]),
            }
        }
    }

    /// The last word of each line.
    fn export(
        ring: &mut Ring<Flash>,
        start: Option<UnixMillis>,
        stop: Option<UnixMillis>,
    ) -> String {
        let text = all(&mut File::new(start, stop, ring.end()), ring, 7);
        let words = text.lines().filter_map(|line| line.split(' ').next_back());
        words.collect::<Vec<_>>().join(" ")
    }

    /// Two boots that learnt the time, one that did not between them.
    fn three_boots() -> Ring<Flash> {
        let mut ring = ring(Flash::new(4096, 2, 8, 0xff));
        add(&mut ring, INFO | flags::BOOT, 0, "boot-1");
        add(&mut ring, 2, 1_500, "early-1");
        add(&mut ring, flags::CLOCK, MORNING - 60_000, "");
        add(&mut ring, INFO | flags::UTC, MORNING, "known-1");
        add(&mut ring, INFO | flags::BOOT, 0, "boot-2");
        add(&mut ring, 1, 12_345, "early-2");
        add(&mut ring, INFO | flags::BOOT, 0, "boot-3");
        add(&mut ring, INFO, 10_000, "early-3");
        add(&mut ring, flags::CLOCK, MORNING + 3_600_000, "");
        add(&mut ring, INFO | flags::UTC, MORNING + 3_620_000, "known-3");
        ring
    }

    #[test]
    fn lines_have_their_time_and_level() {
        let mut ring = three_boots();
        let mut file = File::new(None, None, ring.end());
        let length = file.length(&mut ring);
        let text = all(&mut file, &mut ring, 1000);
        assert_eq!(
            text,
            "2026-03-02T07:59:00.000Z inf boot-1\n\
             2026-03-02T07:59:01.500Z wrn early-1\n\
             2026-03-02T08:00:00.000Z inf known-1\n\
             +0 inf boot-2\n\
             +12.345 err early-2\n\
             2026-03-02T09:00:00.000Z inf boot-3\n\
             2026-03-02T09:00:10.000Z inf early-3\n\
             2026-03-02T09:00:20.000Z inf known-3\n"
        );
        assert_eq!(length as usize, text.len());
        for at_once in [1, 2, 35, 36, 37] {
            let mut file = File::new(None, None, ring.end());
            assert_eq!(
                all(&mut file, &mut ring, at_once),
                text,
                "without its length"
            );
        }
    }

    #[test]
    fn only_what_is_asked_for_is_there() {
        let mut ring = three_boots();
        let all = "boot-1 early-1 known-1 boot-2 early-2 boot-3 early-3 known-3";
        for (start, stop, expected) in [
            (None, None, all),
            (Some(-60_000), None, all),
            (
                Some(0),
                None,
                "known-1 boot-2 early-2 boot-3 early-3 known-3",
            ),
            // The second boot was before the third.
            (Some(1), None, "boot-2 early-2 boot-3 early-3 known-3"),
            (Some(3_600_001), None, "early-3 known-3"),
            (Some(3_620_001), None, ""),
            (None, Some(-60_001), ""),
            (None, Some(-58_500), "boot-1 early-1"),
            // And after the first.
            (None, Some(-1), "boot-1 early-1"),
            (None, Some(0), "boot-1 early-1 known-1 boot-2 early-2"),
            (Some(0), Some(3_600_000), "known-1 boot-2 early-2 boot-3"),
        ] {
            let time = |from: Option<i64>| from.map(|from| MORNING + from);
            let told = export(&mut ring, time(start), time(stop));
            assert_eq!(told, expected, "{start:?} {stop:?}");
        }
    }

    #[test]
    fn a_ring_that_never_learnt_the_time_is_told_as_a_whole() {
        let mut ring = ring(Flash::new(1024, 2, 1, 0xff));
        assert_eq!(export(&mut ring, None, None), "");
        add(&mut ring, INFO | flags::BOOT, 0, "boot");
        add(&mut ring, INFO, 5, "line");
        assert_eq!(export(&mut ring, Some(MORNING), Some(MORNING)), "boot line");
    }

    #[test]
    fn the_file_has_its_length_whatever_is_written_meanwhile() {
        for lines in [0, 1, 3, 10, 30, 100] {
            let mut ring = ring(Flash::new(512, 3, 4, 0xff));
            for number in 0..20 {
                add(
                    &mut ring,
                    INFO | flags::UTC,
                    MORNING,
                    &format!("line-{number}"),
                );
            }
            let mut file = File::new(None, None, ring.end());
            let length = file.length(&mut ring) as usize;
            let mut first = [0; 50];
            assert_eq!(file.read(&mut ring, &mut first), 50);
            for _ in 0..lines {
                add(&mut ring, INFO | flags::UTC, MORNING, "meanwhile");
            }
            let rest = all(&mut file, &mut ring, 64);
            assert_eq!(50 + rest.len(), length);
            assert!(!rest.contains("meanwhile"));
            if lines == 0 {
                assert!(rest.ends_with(" inf line-19\n"));
            }
        }
    }

    #[test]
    fn damage_is_passed_over() {
        let mut ring = three_boots();
        ring.damage(60);
        assert_eq!(
            export(&mut ring, None, None),
            "boot-1 known-1 boot-2 early-2 boot-3 early-3 known-3"
        );
    }
}
