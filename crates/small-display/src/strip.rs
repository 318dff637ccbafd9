//! Pixels as displays take them: a rectangle of the screen, in bytes.

use core::convert::Infallible;

use embedded_graphics::{
    Pixel,
    draw_target::DrawTarget,
    geometry::{Dimensions, Point, Size},
    primitives::{PointsIter, Rectangle},
};

use crate::paint::Paint;

/// How a display wants its pixels, in the words of Zephyr's display API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One bit each: `MONO01` and `MONO10`.
    Monochrome {
        /// The bit of a pixel that is lit: true with `MONO01`.
        lit: bool,
        /// A byte is eight pixels below each other, not side by side: `SCREEN_INFO_MONO_VTILED`.
        is_vertical: bool,
        /// The first of them is the most significant bit: `SCREEN_INFO_MONO_MSB_FIRST`.
        is_msb_first: bool,
    },
    /// A byte of brightness: `L_8`.
    Grey,
    /// Five bits of red, six of green, five of blue, the more significant byte first: `RGB_565`.
    Rgb565,
    /// The same in the machine's order of bytes, which is what Zephyr's drivers call `BGR_565`.
    Rgb565Native,
    /// A byte each of red, green and blue: `RGB_888`.
    Rgb888,
    /// 32 bits of alpha, red, green and blue in the machine's order of bytes: `ARGB_8888`.
    Argb8888,
}

impl Format {
    /// Bytes that a rectangle of this size takes.
    pub const fn bytes(self, size: Size) -> usize {
        let (width, height) = (size.width as usize, size.height as usize);
        match self {
            Self::Monochrome {
                is_vertical: true, ..
            } => width * height.div_ceil(8),
            Self::Monochrome {
                is_vertical: false, ..
            } => width.div_ceil(8) * height,
            Self::Grey => width * height,
            Self::Rgb565 | Self::Rgb565Native => 2 * width * height,
            Self::Rgb888 => 3 * width * height,
            Self::Argb8888 => 4 * width * height,
        }
    }

    /// Pixels whose multiple corners and sides have to be: drivers take monochrome pixels in whole
    /// bytes, whichever way these lie.
    const fn grain(self) -> u32 {
        match self {
            Self::Monochrome { .. } => 8,
            _ => 1,
        }
    }

    /// The smallest rectangle around another that a display of this size can be given by itself.
    pub fn widened(self, area: &Rectangle, display: Size) -> Rectangle {
        let grain = self.grain();
        let down = |at: i32| (at.max(0) as u32 / grain * grain) as i32;
        let corner = Point::new(down(area.top_left.x), down(area.top_left.y));
        let end = area.top_left + area.size;
        let side = |start: i32, end: i32, whole: u32| {
            let end = (end.max(0) as u32).next_multiple_of(grain).min(whole);
            end.saturating_sub(start as u32)
        };
        let size = Size::new(
            side(corner.x, end.x, display.width),
            side(corner.y, end.y, display.height),
        );
        Rectangle::new(corner, size)
    }

    /// The strips, from above, in which a rectangle is drawn with that many bytes; none when not
    /// even one has room.
    pub fn strips(self, area: Rectangle, bytes: usize) -> impl Iterator<Item = Rectangle> {
        let grain = self.grain();
        let least = self.bytes(Size::new(area.size.width, grain)).max(1);
        let rows = (bytes / least) as u32 * grain;
        let end = match rows {
            0 => 0,
            _ => area.size.height,
        };
        (0..end).step_by(rows.max(1) as usize).map(move |y| {
            let size = Size::new(area.size.width, rows.min(area.size.height - y));
            Rectangle::new(area.top_left + Size::new(0, y), size)
        })
    }
}

/// A rectangle of the screen that is drawn now; what is outside of it is left out.
#[derive(Debug)]
pub struct Strip<'b> {
    area: Rectangle,
    format: Format,
    bytes: &'b mut [u8],
}

impl<'b> Strip<'b> {
    /// Lets it be drawn into these bytes; nothing when they are too few.
    pub fn new(area: Rectangle, format: Format, bytes: &'b mut [u8]) -> Option<Self> {
        let bytes = bytes.get_mut(..format.bytes(area.size))?;
        // Bits that are no pixel are what they always are.
        bytes.fill(0);
        Some(Self {
            area,
            format,
            bytes,
        })
    }

    /// Where on the screen it is.
    pub fn area(&self) -> Rectangle {
        self.area
    }

    /// What the display takes, row by row.
    pub fn bytes(&self) -> &[u8] {
        self.bytes
    }

    fn set(&mut self, at: Point, paint: Paint) {
        if !self.area.contains(at) {
            return;
        }
        let at = at - self.area.top_left;
        let (x, y) = (at.x as usize, at.y as usize);
        let width = self.area.size.width as usize;
        let pixel = y * width + x;
        match self.format {
            Format::Monochrome {
                lit,
                is_vertical,
                is_msb_first,
            } => {
                let (byte, bit) = match is_vertical {
                    true => (y / 8 * width + x, y % 8),
                    false => (y * width.div_ceil(8) + x / 8, x % 8),
                };
                let bit = match is_msb_first {
                    true => 0x80 >> bit,
                    false => 1 << bit,
                };
                if let Some(byte) = self.bytes.get_mut(byte) {
                    match paint.is_lit() == lit {
                        true => *byte |= bit,
                        false => *byte &= !bit,
                    }
                }
            }
            Format::Grey => self.write(pixel, [paint.grey()]),
            Format::Rgb565 => self.write(pixel, paint.rgb565().to_be_bytes()),
            Format::Rgb565Native => self.write(pixel, paint.rgb565().to_ne_bytes()),
            Format::Rgb888 => {
                let (red, green, blue) = paint.rgb();
                self.write(pixel, [red, green, blue]);
            }
            Format::Argb8888 => {
                let (red, green, blue) = paint.rgb();
                let argb = u32::from_be_bytes([0xff, red, green, blue]);
                self.write(pixel, argb.to_ne_bytes());
            }
        }
    }

    fn write<const N: usize>(&mut self, pixel: usize, value: [u8; N]) {
        let (pixels, _) = self.bytes.as_chunks_mut();
        if let Some(place) = pixels.get_mut(pixel) {
            *place = value;
        }
    }
}

impl Dimensions for Strip<'_> {
    fn bounding_box(&self) -> Rectangle {
        self.area
    }
}

impl DrawTarget for Strip<'_> {
    type Color = Paint;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Pixel<Paint>>,
    {
        pixels
            .into_iter()
            .for_each(|Pixel(at, paint)| self.set(at, paint));
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, paint: Paint) -> Result<(), Infallible> {
        let area = area.intersection(&self.area);
        area.points().for_each(|at| self.set(at, paint));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::vec::Vec;

    use view::Colour;

    use super::*;

    const RED: Paint = Paint::Of(Colour::RED);

    fn monochrome(lit: bool, is_vertical: bool, is_msb_first: bool) -> Format {
        Format::Monochrome {
            lit,
            is_vertical,
            is_msb_first,
        }
    }

    /// 16x8 pixels at (8, 8), on paper: the corners above, and a second pixel to the right of and
    /// below the first.
    fn corners(format: Format) -> Vec<u8> {
        let mut bytes = [0x55; 16];
        let area = Rectangle::new(Point::new(8, 8), Size::new(16, 8));
        let mut strip = Strip::new(area, format, &mut bytes).unwrap();
        let Ok(()) = strip.fill_solid(&area, Paint::Paper);
        let lit = [(8, 8), (23, 8), (9, 8), (8, 9)];
        let beside = [(7, 8), (8, 7), (24, 8), (8, 16)];
        let pixels = lit.into_iter().chain(beside);
        let Ok(()) = strip.draw_iter(pixels.map(|(x, y)| Pixel(Point::new(x, y), Paint::Ink)));
        Vec::from(strip.bytes())
    }

    #[test]
    fn monochrome_pixels_below_each_other() {
        let rest = [0; 13];
        let expected = |bytes: [u8; 3], flip: u8| {
            let [first, second, last] = bytes;
            let mut all = std::vec![first, second];
            all.extend(rest);
            all.push(last);
            all.into_iter().map(|byte| byte ^ flip).collect::<Vec<_>>()
        };
        let lsb = expected([0b11, 0b01, 0b01], 0);
        assert_eq!(corners(monochrome(true, true, false)), lsb);
        let msb = expected([0xc0, 0x80, 0x80], 0);
        assert_eq!(corners(monochrome(true, true, true)), msb);
        let inverted = expected([0xc0, 0x80, 0x80], 0xff);
        assert_eq!(corners(monochrome(false, true, true)), inverted);
    }

    #[test]
    fn monochrome_pixels_side_by_side() {
        let expected = |bytes: [u8; 4]| {
            let mut all = Vec::from(bytes);
            all.resize(16, 0);
            all
        };
        let lsb = expected([0b11, 0x80, 0b01, 0]);
        assert_eq!(corners(monochrome(true, false, false)), lsb);
        let msb = expected([0xc0, 0x01, 0x80, 0]);
        assert_eq!(corners(monochrome(true, false, true)), msb);
    }

    #[test]
    fn colours_byte_for_byte() {
        // 0xc5221f: red 24 of 31, green 8 of 63, blue 3 of 31.
        let sixteen: u16 = 24 << 11 | 8 << 5 | 3;
        for (format, expected) in [
            (Format::Rgb565, &sixteen.to_be_bytes()[..]),
            (Format::Rgb565Native, &sixteen.to_ne_bytes()),
            (Format::Rgb888, &[0xc5, 0x22, 0x1f]),
            (Format::Argb8888, &0xffc5_221f_u32.to_ne_bytes()),
            (Format::Grey, &[82]),
        ] {
            let area = Rectangle::new(Point::new(5, 6), Size::new(2, 1));
            let mut bytes = [0; 8];
            let mut strip = Strip::new(area, format, &mut bytes).unwrap();
            let Ok(()) = strip.draw_iter([Pixel(Point::new(6, 6), RED)]);
            let (untouched, pixel) = strip.bytes().split_at(expected.len());
            assert_eq!(pixel, expected, "{format:?}");
            assert!(untouched.iter().all(|byte| *byte == 0), "{format:?}");
        }
    }

    #[test]
    fn too_few_bytes_are_refused() {
        let area = Rectangle::new(Point::zero(), Size::new(9, 9));
        for (format, bytes) in [
            (monochrome(true, true, true), 18),
            (monochrome(true, false, true), 18),
            (Format::Grey, 81),
            (Format::Rgb565, 162),
            (Format::Rgb888, 243),
            (Format::Argb8888, 324),
        ] {
            assert_eq!(format.bytes(area.size), bytes);
            assert!(Strip::new(area, format, &mut [0; 400][..bytes]).is_some());
            assert!(Strip::new(area, format, &mut [0; 400][..bytes - 1]).is_none());
        }
    }

    #[test]
    fn monochrome_areas_are_whole_bytes() {
        let format = monochrome(true, true, true);
        let widened = |x, y, width, height| {
            let area = Rectangle::new(Point::new(x, y), Size::new(width, height));
            let Rectangle { top_left, size } = format.widened(&area, Size::new(122, 60));
            (top_left.x, top_left.y, size.width, size.height)
        };
        assert_eq!(widened(0, 0, 8, 8), (0, 0, 8, 8));
        assert_eq!(widened(7, 9, 2, 8), (0, 8, 16, 16));
        // Up to the end of the display, and no further.
        assert_eq!(widened(100, 50, 22, 10), (96, 48, 26, 12));
        let area = Rectangle::new(Point::new(7, 9), Size::new(2, 8));
        assert_eq!(Format::Rgb565.widened(&area, Size::new(122, 60)), area);
    }

    #[test]
    fn strips_are_as_high_as_there_are_bytes() {
        let heights = |format: Format, bytes| {
            let area = Rectangle::new(Point::new(8, 16), Size::new(64, 20));
            let strips = format.strips(area, bytes);
            strips
                .map(|strip| (strip.top_left.y, strip.size.height))
                .collect::<Vec<_>>()
        };
        assert_eq!(heights(Format::Rgb565, 128 * 20), [(16, 20)]);
        assert_eq!(heights(Format::Rgb565, 128 * 20 - 1), [(16, 19), (35, 1)]);
        assert_eq!(heights(Format::Rgb565, 127), []);
        let format = monochrome(true, true, true);
        assert_eq!(heights(format, 64), [(16, 8), (24, 8), (32, 4)]);
        assert_eq!(heights(format, 63), []);
    }
}
