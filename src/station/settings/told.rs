//! GetConfiguration (OCPP 1.6, 5.8): an answer that may be longer than the transmit buffer.

use super::{Key, Settings};
use crate::wire::Writer;

/// Configuration keys that an answer has still to tell.
#[derive(Debug, Default)]
pub(in crate::station) struct KeysToTell {
    /// A bit for each place in [`Key::ALL`].
    places: u64,
    /// Others went before.
    begun: bool,
}

impl KeysToTell {
    /// What ends the list, the object and the frame.
    const END: usize = "]}]".len();

    pub fn of(keys: impl Iterator<Item = Key>) -> Self {
        const { assert!(Key::ALL.len() <= u64::BITS as usize) };
        let bit = |key| {
            let place = Key::ALL.iter().position(|other| *other == key);
            place.map_or(0, |place| 1 << place)
        };
        Self {
            places: keys.fold(0, |places, key| places | bit(key)),
            begun: false,
        }
    }

    /// Writes as many as fit and forgets them; true when that were all of them.
    pub fn write(&mut self, w: &mut Writer<'_>, settings: &Settings) -> bool {
        for (place, &key) in Key::ALL.iter().enumerate() {
            if self.places >> place & 1 == 0 {
                continue;
            }
            let mark = w.mark();
            if w.is_empty() && self.begun {
                w.raw(",");
            }
            settings.write(w, key);
            let fits = !w.overflowed() && w.room() >= Self::END;
            if !fits {
                w.rewind(mark);
                if !w.is_empty() {
                    return false;
                }
                // One that a whole buffer has no room for cannot be told.
            }
            self.places &= !(1 << place);
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

    use super::*;
    use crate::{
        domain::{Measurand, Phase},
        limits::{CONNECTORS, KEY_AROUND, LIST_LENGTH, TX_MIN},
    };

    /// Characters of a value in ChangeConfiguration.
    const LONGEST_VALUE: usize = 500;

    #[test]
    fn the_limits_know_the_longest_name() {
        let longest = Key::ALL.iter().map(|key| key.name().len()).max().unwrap();
        let around = r#",{"key":"","readonly":false,"value":""}"#.len() + KeysToTell::END;
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
        config.clear(CONNECTORS as u8);
        assert!(config.parse(Key::MeterValuesSampledData, &longest_list()));
        for connector in 0..=CONNECTORS {
            let rotation = format!("{connector}.NotApplicable");
            assert!(config.parse(Key::ConnectorPhaseRotation, &rotation));
        }

        let mut keys = KeysToTell::of(Key::ALL.iter().copied());
        let (mut tx, mut told, mut ended) = (vec![0; TX_MIN], String::new(), false);
        while !ended {
            let mut w = Writer::new(&mut tx);
            ended = keys.write(&mut w, &config);
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
