//! GetConfiguration (OCPP 1.6, 5.8): an answer that may be longer than the transmit buffer.

use super::{
    Settings,
    table::{Places, Table},
};
use crate::wire::Writer;

/// Configuration keys that an answer has still to tell.
#[derive(Debug, Default)]
pub(in crate::station) struct KeysReport {
    places: Places,
    /// Others went before.
    begun: bool,
}

impl KeysReport {
    /// What ends the list, the object and the frame.
    const END: usize = "]}]".len();

    /// Those at these places of the table.
    pub fn of(places: impl Iterator<Item = usize>) -> Self {
        let mut these = Places::default();
        places.for_each(|place| these.add(place));
        Self {
            places: these,
            begun: false,
        }
    }

    /// All of the table.
    pub fn all(table: Table<'_>) -> Self {
        Self::of(table.places())
    }

    /// Writes as many as fit and forgets them; true when that were all of them.
    pub fn write(&mut self, w: &mut Writer<'_>, settings: &Settings, table: Table<'_>) -> bool {
        for place in table.places() {
            let row = table.row(place).filter(|_| self.places.has(place));
            let Some(row) = row else {
                continue;
            };
            let mark = w.mark();
            if w.is_empty() && self.begun {
                w.raw(",");
            }
            settings.write(w, &row, table.name(place));
            let fits = !w.overflowed() && w.room() >= Self::END;
            if !fits {
                w.rewind(mark);
                if !w.is_empty() {
                    return false;
                }
                // One that a whole buffer has no room for cannot be told.
            }
            self.places.remove(place);
            self.begun |= fits;
        }
        w.end_list();
        w.end_object();
        true
    }
}

#[cfg(test)]
mod tests {
    use std::{format, string::String, vec, vec::Vec};

    use super::{super::Key, *};
    use crate::{
        domain::{Measurand, Phase},
        limits::{CONNECTORS, KEY_AROUND, LIST_LENGTH, TX_MIN},
    };

    /// Characters of a value in ChangeConfiguration.
    const LONGEST_VALUE: usize = 500;

    #[test]
    fn the_limits_know_the_longest_name() {
        let longest = Key::ALL.iter().map(|key| key.name().len()).max().unwrap();
        let around = r#",{"key":"","readonly":false,"value":""}"#.len() + KeysReport::END;
        assert!(around + longest <= KEY_AROUND);
    }

    /// As many of all measurands as a list and a message have room for.
    fn longest_list() -> String {
        let phases = |name| {
            Phase::NAMES
                .iter()
                .map(move |phase| format!("{name}-{phase}"))
        };
        let mut entries: Vec<_> = Measurand::NAMES.iter().flat_map(phases).collect();
        entries.sort_by_key(|entry| ::core::cmp::Reverse(entry.len()));
        entries.truncate(LIST_LENGTH);
        while entries.join(",").len() > LONGEST_VALUE {
            entries.pop();
        }
        entries.join(",")
    }

    /// However many connectors there are: none is left out of the answer.
    #[test]
    fn every_key_at_its_longest_fits_into_the_smallest_buffer() {
        let mut config = Settings::new();
        let table = Table::new(&[]);
        config.clear(CONNECTORS as u8, table);
        assert!(config.parse(&Key::MeterValuesSampledData.row(), &longest_list()));
        for connector in 0..=CONNECTORS {
            let rotation = format!("{connector}.NotApplicable");
            assert!(config.parse(&Key::ConnectorPhaseRotation.row(), &rotation));
        }

        let mut keys = KeysReport::all(table);
        let (mut tx, mut told, mut ended) = (vec![0; TX_MIN], String::new(), false);
        while !ended {
            let mut w = Writer::new(&mut tx);
            ended = keys.write(&mut w, &config, table);
            assert!(!w.overflowed());
            let length = w.len();
            told.push_str(::core::str::from_utf8(&tx[..length]).unwrap());
        }
        for key in Key::ALL {
            let name = format!(r#""key":"{}""#, key.name());
            assert!(told.contains(&name), "{name}");
        }
    }
}
