//! GetConfiguration (OCPP 1.6, 5.8): an answer that may be longer than the transmit buffer.

use super::{Key, Station, configuration::Configuration, key::GET_CONFIGURATION_MAX_KEYS};
use crate::{
    v16::{core, message::Message},
    wire::{ErrorCode, Json, Writer, field::Violation},
};

/// Configuration keys that an answer has still to tell.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// A bit for each place in [`Key::ALL`].
    places: u64,
    /// Others went before.
    begun: bool,
}

impl Keys {
    /// What ends the list, the object and the frame.
    const END: usize = "]}]".len();

    fn of(keys: impl Iterator<Item = Key>) -> Self {
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
    fn write(&mut self, w: &mut Writer<'_>, config: &Configuration) -> bool {
        for (place, &key) in Key::ALL.iter().enumerate() {
            if self.places >> place & 1 == 0 {
                continue;
            }
            let mark = w.mark();
            if w.is_empty() && self.begun {
                w.raw(",");
            }
            config.write(w, key);
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

impl Station<'_> {
    /// 5.8 GetConfiguration.
    #[inline(never)]
    pub(super) fn get_configuration(
        &mut self,
        id: &str,
        asked: core::GetConfiguration<'_>,
    ) -> Result<(), Violation> {
        let names = || {
            let elements = asked.keys.into_iter().flat_map(Json::elements);
            elements.filter_map(Json::text)
        };
        let count = names().count();
        if count > GET_CONFIGURATION_MAX_KEYS as usize {
            return Err(Violation {
                code: ErrorCode::OccurenceConstraintViolation,
                field: <core::GetConfiguration<'_> as Message<'_>>::FIELDS
                    .first()
                    .map_or("", |field| field.name),
            });
        }
        let known = names().filter_map(Key::from_text);
        let mut keys = match count {
            0 => Keys::of(Key::ALL.iter().copied()),
            _ => Keys::of(known),
        };
        let config = &self.cx.settings;
        self.rpc.answer_in_parts(id, &mut |w| {
            w.begin_object();
            let unknown = || names().filter(|&name| Key::from_text(name).is_none());
            if unknown().next().is_some() {
                w.begin_list("unknownKey");
                unknown().for_each(|name| w.element(name.chars()));
                w.end_list();
            }
            w.begin_list("configurationKey");
            // What did not fit until here has no end either.
            w.overflowed() || keys.write(w, config)
        });
        self.keys_to_tell = keys;
        Ok(())
    }

    /// Goes on with an answer that did not fit into the transmit buffer.
    #[inline(never)]
    pub(super) fn go_on_with_configuration(&mut self) {
        if self.rpc.wants_next_part() {
            let (keys, config) = (&mut self.keys_to_tell, &self.cx.settings);
            self.rpc.next_part(&mut |w| keys.write(w, config));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{format, string::String, vec, vec::Vec};

    use super::*;
    use crate::{
        limits::{CONNECTORS, KEY_AROUND, LIST_LENGTH, TX_MIN},
        v16::{Measurand, Phase},
    };

    /// Characters of a value in ChangeConfiguration.
    const LONGEST_VALUE: usize = 500;

    #[test]
    fn the_limits_know_the_longest_name() {
        let longest = Key::ALL.iter().map(|key| key.name().len()).max().unwrap();
        let around = r#",{"key":"","readonly":false,"value":""}"#.len() + Keys::END;
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
        let mut config = Configuration::new();
        config.clear(CONNECTORS as u8);
        assert!(config.parse(Key::MeterValuesSampledData, &longest_list()));
        for connector in 0..=CONNECTORS {
            let rotation = format!("{connector}.NotApplicable");
            assert!(config.parse(Key::ConnectorPhaseRotation, &rotation));
        }

        let mut keys = Keys::of(Key::ALL.iter().copied());
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
