//! Figures as displays write them.

use core::fmt::{Display, Formatter, Result};

/// In Wh: `1234 Wh`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Energy(pub i32);

/// In W: `950 W`, and from a kilowatt on `11.0 kW`, rounded down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Power(pub i32);

/// In seconds: `0:05:12`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed(pub u64);

/// The most that may be taken, in tenths of A on each phase: `max 16 A`, `max 16.5 A`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(pub u16);

/// What is shown of how fast a vehicle charges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// What is taken now.
    Power(Power),
    /// What may be taken.
    Limit(Limit),
}

impl Display for Limit {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let (amperes, tenths) = (self.0 / 10, self.0 % 10);
        match tenths {
            0 => write!(f, "max {amperes} A"),
            _ => write!(f, "max {amperes}.{tenths} A"),
        }
    }
}

impl Display for Figure {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Power(power) => power.fmt(f),
            Self::Limit(limit) => limit.fmt(f),
        }
    }
}

impl Display for Energy {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} Wh", self.0)
    }
}

impl Display for Power {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.0 {
            ..1000 => write!(f, "{} W", self.0),
            watts => write!(f, "{}.{} kW", watts / 1000, watts % 1000 / 100),
        }
    }
}

impl Display for Elapsed {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let (minutes, seconds) = (self.0 / 60, self.0 % 60);
        write!(f, "{}:{:02}:{seconds:02}", minutes / 60, minutes % 60)
    }
}
