//! When vehicles come, how long they stay and what goes wrong: from the command line or a file.

use std::{fs, path::Path};

use clap::Args;
use serde_json::Value;

use crate::random::Random;

/// The same names, without the dashes, are the members of a file of `--model`; `day` is a list there.
#[derive(Args, Clone, Debug)]
pub struct Model {
    /// Vehicles that come to a free connector in an hour, on average
    #[arg(long, value_name = "N", default_value_t = 0.5, value_parser = rate)]
    pub arrivals: f64,
    /// Minutes that a vehicle stays, on average
    #[arg(long, value_name = "MINUTES", default_value_t = 60.0, value_parser = rate)]
    pub duration: f64,
    /// kWh that a vehicle takes at most, on average
    #[arg(long, value_name = "KWH", default_value_t = 20.0, value_parser = rate)]
    pub energy: f64,
    /// kW that a vehicle draws
    #[arg(long, value_name = "KW", default_value_t = 11.0, value_parser = rate)]
    pub power: f64,
    /// Share of visits during which the connector breaks for some minutes
    #[arg(long, value_name = "SHARE", default_value = "1%", value_parser = share)]
    pub faults: f64,
    /// How often a station loses its connection in an hour, for half a minute on average
    #[arg(long, value_name = "N", default_value_t = 0.05, value_parser = rate)]
    pub link_losses: f64,
    /// Share of connectors with a vehicle when their station starts
    #[arg(long, value_name = "SHARE", default_value = "25%", value_parser = share)]
    pub busy: f64,
    /// How arrivals follow the hours of the day (UTC): flat, typical, or 24 factors
    #[arg(long, value_name = "CURVE", default_value = "flat", value_parser = day)]
    pub day: Day,
}

/// By what arrivals are multiplied in each hour of the day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Day([f64; 24]);

impl Day {
    fn busiest(&self) -> f64 {
        self.0.into_iter().fold(0.0, f64::max)
    }
}

/// Few at night, most when work begins and ends; 1 on average.
const TYPICAL: [f64; 24] = [
    0.2, 0.1, 0.1, 0.1, 0.2, 0.4, 0.9, 1.6, 2.0, 1.5, 1.2, 1.1, 1.2, 1.2, 1.1, 1.2, 1.5, 2.0, 1.9,
    1.5, 1.1, 0.9, 0.6, 0.4,
];

const HOUR_MS: f64 = 3_600_000.0;

impl Model {
    /// What a file says in the place of what is here.
    pub fn read(mut self, path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let text = fs::read_to_string(path).map_err(|error| format!("{shown}: {error}"))?;
        let Ok(Value::Object(members)) = serde_json::from_str(&text) else {
            return Err(format!("{shown}: not a JSON object"));
        };
        for (name, value) in &members {
            let number = value.as_f64().filter(|number| *number >= 0.0);
            let place = match name.as_str() {
                "arrivals" => &mut self.arrivals,
                "duration" => &mut self.duration,
                "energy" => &mut self.energy,
                "power" => &mut self.power,
                "faults" => &mut self.faults,
                "link-losses" => &mut self.link_losses,
                "busy" => &mut self.busy,
                "day" => {
                    let list = value.as_array().map(|list| list.iter().map(Value::as_f64));
                    let list = list.and_then(Iterator::collect::<Option<Vec<_>>>);
                    let factors = list.and_then(|list| list.try_into().ok());
                    self.day =
                        Day(factors.ok_or_else(|| format!("{shown}: day is no 24 numbers"))?);
                    continue;
                }
                _ => return Err(format!("{shown}: {name} is not of a session model")),
            };
            *place = number.ok_or_else(|| format!("{shown}: {name} is no number from 0"))?;
        }
        for (name, share) in [("faults", self.faults), ("busy", self.busy)] {
            if share > 1.0 {
                return Err(format!("{shown}: {name} is a share, 0 to 1"));
            }
        }
        Ok(self)
    }

    /// Milliseconds until the next vehicle may come: as if it were the busiest hour of the day.
    pub fn until_arrival(&self, random: &mut Random) -> u64 {
        let rate = self.arrivals * self.day.busiest();
        match rate > 0.0 {
            true => random.exponential(HOUR_MS / rate) as u64,
            false => u64::MAX / 2,
        }
    }

    /// Whether that vehicle comes in this hour of the day (Lewis and Shedler 1979: thinning).
    pub fn comes(&self, random: &mut Random, hour: usize) -> bool {
        let factor = self.day.0.get(hour % 24).copied().unwrap_or(1.0);
        random.chance(factor / self.day.busiest())
    }

    pub fn stay_ms(&self, random: &mut Random) -> u64 {
        // Who comes stays a minute at least.
        60_000.0_f64.max(random.exponential(self.duration * 60_000.0)) as u64
    }

    /// Wh that a vehicle takes.
    pub fn wanted_wh(&self, random: &mut Random) -> f64 {
        self.energy * 1_000.0 * random.within(0.25, 1.75)
    }

    /// Milliseconds until a connection is lost.
    pub fn until_link_loss(&self, random: &mut Random) -> u64 {
        match self.link_losses > 0.0 {
            true => random.exponential(HOUR_MS / self.link_losses) as u64,
            false => u64::MAX / 2,
        }
    }
}

fn rate(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "no number".to_owned())?;
    match number.is_finite() && number >= 0.0 {
        true => Ok(number),
        false => Err("a number from 0 on".to_owned()),
    }
}

/// `25%` or `0.25`.
pub fn share(text: &str) -> Result<f64, String> {
    let number = match text.strip_suffix('%') {
        Some(percent) => rate(percent)? / 100.0,
        None => rate(text)?,
    };
    match number <= 1.0 {
        true => Ok(number),
        false => Err("0% to 100%, or 0 to 1".to_owned()),
    }
}

fn day(text: &str) -> Result<Day, String> {
    let factors = match text {
        "flat" => return Ok(Day([1.0; 24])),
        "typical" => return Ok(Day(TYPICAL)),
        list => list.split(',').map(|word| rate(word.trim())),
    };
    let factors: Vec<f64> = factors.collect::<Result<_, _>>()?;
    let wrong = |_| "flat, typical, or 24 numbers with commas between them".to_owned();
    factors.try_into().map(Day).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_days_are_read() {
        assert_eq!(share("25%"), Ok(0.25));
        assert_eq!(share("0.5"), Ok(0.5));
        assert!(share("101%").is_err() && share("-1").is_err() && share("x").is_err());
        assert_eq!(day("typical"), Ok(Day(TYPICAL)));
        assert!((TYPICAL.iter().sum::<f64>() - 24.0).abs() < 0.01);
        assert!(day(&["1"; 24].join(",")).is_ok() && day("1,2").is_err());
    }

    #[test]
    fn arrivals_follow_the_hours_of_the_day() {
        let mut words = vec!["0"; 24];
        (words[7], words[8]) = ("1", "3");
        let model = Model {
            arrivals: 2.0,
            duration: 60.0,
            energy: 20.0,
            power: 11.0,
            faults: 0.0,
            link_losses: 0.0,
            busy: 0.0,
            day: day(&words.join(",")).unwrap(),
        };
        let mut random = Random::new(3, 3);
        let mean = (0..10_000)
            .map(|_| model.until_arrival(&mut random))
            .sum::<u64>()
            / 10_000;
        assert!((580_000..620_000).contains(&mean), "{mean}");
        let mut share = |hour| {
            let come = (0..10_000).filter(|_| model.comes(&mut random, hour));
            come.count()
        };
        assert_eq!((share(6), share(8)), (0, 10_000));
        assert!((3_100..3_600).contains(&share(7)));
    }
}
