//! Whether a partition has room for all records, which a build is refused without.
//!
//! NVS keeps one sector empty, to move into it what of another is still of use. Of each sector
//! three entries go to its end, to the mark of what was moved, and to the place that is never
//! taken (`c/storage.c`). The rest may have room for all records but the last byte of one: that
//! much is lost at the end of a sector. So however records lie, whatever is written finds its room
//! as long as all of them, each at its longest, are no more than this.

use ocpp::limits::{RECORD_LENGTH, RECORDS, RECORDS_LENGTH};

use crate::limits::{
    STORAGE_FLASH_SIZE, STORAGE_IN_FLASH, STORAGE_PAGE_SIZE, STORAGE_PARTITION_SIZE,
    STORAGE_WRITE_SIZE,
};

const _: () = assert!(
    !STORAGE_IN_FLASH || Partition::OF_BUILD.holds(ALL),
    "The partition for the charge point's records has no room for all of them. Make it larger in \
     the devicetree (chosen node ocpp,storage-partition), raise CONFIG_OCPP_STORAGE_FLASH_SIZE, \
     lower CONFIG_OCPP_JOURNAL_SLOTS or CONFIG_OCPP_CACHE_ENTRIES, or keep records in RAM with \
     CONFIG_OCPP_STORAGE_RAM=y: docs/storage.md says how much there has to be"
);

/// What a station stores.
const ALL: Records = Records {
    count: RECORDS,
    length: RECORDS_LENGTH,
    longest: RECORD_LENGTH,
};

/// In smaller sectors NVS needs more room than there is.
const SMALLEST_SECTOR: usize = 2048;
/// What most memories erase at once.
const USUAL_PAGE: usize = 4096;
/// NVS's entry for a record.
const ENTRY: usize = 8;
/// The check sum behind a record, and the one that NVS may write behind that.
const CHECK_SUMS: usize = 4 + 4;

/// Records, each at its longest.
#[derive(Clone, Copy)]
struct Records {
    count: usize,
    /// Bytes of all.
    length: usize,
    longest: usize,
}

/// A partition, in bytes.
#[derive(Clone, Copy)]
struct Partition {
    size: usize,
    /// Erased at once.
    page: usize,
    /// Written at once.
    write: usize,
}

impl Partition {
    const OF_BUILD: Self = Self {
        size: min(STORAGE_PARTITION_SIZE, STORAGE_FLASH_SIZE),
        page: or(STORAGE_PAGE_SIZE, USUAL_PAGE),
        write: or(STORAGE_WRITE_SIZE, 1),
    };

    /// True when whatever is written finds its room.
    const fn holds(self, all: Records) -> bool {
        let sector = SMALLEST_SECTOR.next_multiple_of(self.page);
        let entry = ENTRY.next_multiple_of(self.write);
        let longest = (all.longest + CHECK_SUMS).next_multiple_of(self.write) + entry;
        // At most so much for each record, for what is written at once.
        let stored = all.length + all.count * (CHECK_SUMS + self.write - 1 + entry);
        let Some(room) = sector.checked_sub(3 * entry + longest) else {
            return false;
        };
        (self.size / sector).saturating_sub(1) * room >= stored
    }
}

const fn min(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

/// The number, or another one for 0.
const fn or(number: usize, other: usize) -> usize {
    if number > 0 { number } else { other }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With the defaults of Kconfig.
    const DEFAULT: Records = Records {
        count: 81,
        length: 5_639,
        longest: 172,
    };

    const fn partition(size: usize, page: usize, write: usize) -> Partition {
        Partition { size, page, write }
    }

    #[test]
    fn the_partition_of_native_sim_holds_the_default_and_two_sectors_do_not() {
        assert!(partition(16 * 1024, 4096, 1).holds(DEFAULT));
        assert!(partition(12 * 1024, 4096, 1).holds(DEFAULT));
        assert!(!partition(8 * 1024, 4096, 1).holds(DEFAULT));
    }

    #[test]
    fn what_is_written_at_once_takes_room() {
        assert!(partition(12 * 1024, 2048, 8).holds(DEFAULT));
        assert!(!partition(12 * 1024, 2048, 32).holds(DEFAULT));
    }

    #[test]
    fn one_record_more_than_there_is_room_for_is_refused() {
        // 4096 bytes without three entries and a record of 100 with what is beside it.
        let room = 3 * (4096 - 24 - 116);
        let most = room / 116;
        let records = |count| Records {
            count,
            length: count * 100,
            longest: 100,
        };
        assert!(partition(16 * 1024, 4096, 1).holds(records(most)));
        assert!(!partition(16 * 1024, 4096, 1).holds(records(most + 1)));
    }

    #[test]
    fn a_partition_of_one_sector_or_none_holds_nothing() {
        assert!(!partition(0, 4096, 1).holds(DEFAULT));
        assert!(!partition(4096, 4096, 1).holds(DEFAULT));
        assert!(!partition(32_767, 32_768, 1).holds(DEFAULT));
    }
}
