//! Colours by what they are for.

use embedded_graphics::pixelcolor::{BinaryColor, PixelColor, Rgb565, Rgb888};
use view::Colour;

/// What a pixel is painted with; every display makes of it what it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// The ground: white, and dark on monochrome displays.
    Paper,
    /// Text.
    Ink,
    /// Frames.
    Line,
    /// The way of what moves: not there on monochrome displays.
    Trace,
    /// That of a state.
    Of(Colour),
}

impl PixelColor for Paint {
    type Raw = ();
}

impl Paint {
    /// Red, green and blue, each from 0 to 255.
    pub const fn rgb(self) -> (u8, u8, u8) {
        match self {
            Self::Paper => (0xff, 0xff, 0xff),
            Self::Ink => (0x20, 0x21, 0x24),
            Self::Line => (0xbd, 0xc1, 0xc6),
            Self::Trace => (0xd8, 0xe2, 0xf3),
            Self::Of(Colour { red, green, blue }) => (red, green, blue),
        }
    }

    /// Whether a monochrome display lights it.
    pub const fn is_lit(self) -> bool {
        match self {
            Self::Paper | Self::Trace => false,
            Self::Ink | Self::Line | Self::Of(_) => true,
        }
    }

    /// How bright it is, from 0 to 255 (ITU-R BT.601).
    pub const fn grey(self) -> u8 {
        let (red, green, blue) = self.rgb();
        ((red as u32 * 299 + green as u32 * 587 + blue as u32 * 114) / 1000) as u8
    }

    /// Five bits of red, six of green, five of blue.
    pub const fn rgb565(self) -> u16 {
        let (red, green, blue) = self.rgb();
        (red as u16 >> 3) << 11 | (green as u16 >> 2) << 5 | blue as u16 >> 3
    }
}

impl From<Paint> for BinaryColor {
    fn from(paint: Paint) -> Self {
        paint.is_lit().into()
    }
}

impl From<Paint> for Rgb888 {
    fn from(paint: Paint) -> Self {
        let (red, green, blue) = paint.rgb();
        Self::new(red, green, blue)
    }
}

impl From<Paint> for Rgb565 {
    fn from(paint: Paint) -> Self {
        let (red, green, blue) = paint.rgb();
        Self::new(red >> 3, green >> 2, blue >> 3)
    }
}

#[cfg(test)]
mod tests {
    use embedded_graphics::pixelcolor::{
        RgbColor,
        raw::{RawData, RawU16},
    };

    use super::*;

    #[test]
    fn both_ways_to_sixteen_bits_are_the_same() {
        for paint in [
            Paint::Paper,
            Paint::Ink,
            Paint::Line,
            Paint::Trace,
            Paint::Of(Colour::AMBER),
        ] {
            let raw: RawU16 = Rgb565::from(paint).into();
            assert_eq!(raw.into_inner(), paint.rgb565());
            assert_eq!(Rgb888::from(paint).r(), paint.rgb().0);
        }
    }

    #[test]
    fn white_is_brightest() {
        assert_eq!(Paint::Paper.grey(), 255);
        assert_eq!(Paint::Of(Colour::RED).grey(), 82);
    }
}
