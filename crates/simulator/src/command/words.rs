//! The words of a line, and the values they stand for.

use ocpp::domain::{ChargePointError, SecurityEvent};

/// Most a vehicle can be told to draw: beyond any charge point of today.
const MOST_WATTS: u32 = 1_000_000;
/// Longest `wait`: a day.
const LONGEST_WAIT_S: f64 = 86_400.0;

/// What is left of a line.
pub struct Words<'a>(pub &'a str);

impl<'a> Words<'a> {
    pub fn next(&mut self) -> Option<&'a str> {
        if self.0.is_empty() {
            return None;
        }
        let (word, rest) = self
            .0
            .split_once(char::is_whitespace)
            .unwrap_or((self.0, ""));
        self.0 = rest.trim_start();
        Some(word)
    }

    pub fn needed(&mut self, what: &str) -> Result<&'a str, String> {
        self.next().ok_or_else(|| format!("{what} is missing"))
    }

    /// The next word, which may have so many bytes.
    pub fn bounded(&mut self, what: &str, longest: usize) -> Result<String, String> {
        self.optional(what, longest)?
            .ok_or_else(|| format!("{what} is missing"))
    }

    pub fn optional(&mut self, what: &str, longest: usize) -> Result<Option<String>, String> {
        let Some(word) = self.next() else {
            return Ok(None);
        };
        if word.len() > longest {
            return Err(format!("{what} has at most {longest} bytes"));
        }
        Ok(Some(word.to_owned()))
    }

    /// The rest of the line as it is.
    pub fn rest(&mut self) -> Option<String> {
        let rest = std::mem::take(&mut self.0);
        (!rest.is_empty()).then(|| rest.to_owned())
    }

    pub fn choose<T: Copy>(&mut self, choices: &[(&str, T)]) -> Result<T, String> {
        choose(self.next().unwrap_or_default(), choices)
    }
}

pub fn choose<T: Copy>(word: &str, choices: &[(&str, T)]) -> Result<T, String> {
    let found = choices.iter().find(|(name, _)| *name == word);
    found.map(|(_, choice)| *choice).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        format!("expected {}", names.join(" or "))
    })
}

pub fn connector(word: &str, lowest: u8, highest: u8) -> Result<u8, String> {
    match word.parse() {
        Ok(number) if (lowest..=highest).contains(&number) => Ok(number),
        _ => Err(format!(
            "there is no connector {word}: {lowest} to {highest}"
        )),
    }
}

pub fn security_event(word: &str) -> Result<SecurityEvent, String> {
    SecurityEvent::from_name(word).ok_or_else(|| format!("{word} is no security event"))
}

pub fn watts(word: &str) -> Result<Option<u32>, String> {
    if word == "auto" {
        return Ok(None);
    }
    match word.parse() {
        Ok(watts) if watts <= MOST_WATTS => Ok(Some(watts)),
        _ => Err(format!("{word} is not a power from 0 to {MOST_WATTS} W")),
    }
}

/// `meterStart` and `meterStop` are signed 32 bit integers in most central systems.
pub fn watt_hours(word: &str) -> Result<u32, String> {
    match word.parse() {
        Ok(wh) if i32::try_from(wh).is_ok() => Ok(wh),
        _ => Err(format!("{word} is not an energy from 0 to {} Wh", i32::MAX)),
    }
}

pub fn error_code(word: &str) -> Result<ChargePointError, String> {
    match ChargePointError::from_name(word) {
        Some(ChargePointError::NoError) => Err("NoError is no fault; try clear".to_owned()),
        Some(error) => Ok(error),
        None => {
            let names = ChargePointError::NAMES.iter();
            let names: Vec<&str> = names.copied().filter(|name| *name != "NoError").collect();
            Err(format!("{word} is not an error code: {}", names.join(" ")))
        }
    }
}

pub fn millis(word: &str) -> Result<u64, String> {
    match word.parse::<f64>() {
        Ok(seconds) if (0.0..=LONGEST_WAIT_S).contains(&seconds) => {
            Ok((seconds * 1000.0).round() as u64)
        }
        _ => Err(format!("{word} is not a number of seconds")),
    }
}
