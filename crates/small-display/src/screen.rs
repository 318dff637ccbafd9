//! A display that is written strip by strip, and only where something has changed.

use embedded_graphics::{
    geometry::{Point, Size},
    primitives::Rectangle,
};
use view::View;

use crate::{
    scene::Scene,
    strip::{Format, Strip},
};

/// What a display takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panel {
    /// Pixels side by side.
    pub width: u16,
    /// Pixels below each other.
    pub height: u16,
    /// What pixels are.
    pub format: Format,
    /// Only rows from side to side can be written: `SCREEN_INFO_X_ALIGNMENT_WIDTH`.
    pub has_whole_rows: bool,
    /// What is not written is not what it was: on paper (`SCREEN_INFO_EPD`), or where two memories
    /// take turns (`SCREEN_INFO_DOUBLE_BUFFER`).
    pub is_whole: bool,
}

/// A display, and what it shows.
#[derive(Debug)]
pub struct Screen<'b> {
    panel: Panel,
    buffer: &'b mut [u8],
    /// `None` while it is unknown.
    shown: Option<Scene>,
}

impl Panel {
    fn size(&self) -> Size {
        Size::new(self.width.into(), self.height.into())
    }

    fn area(&self) -> Rectangle {
        Rectangle::new(Point::zero(), self.size())
    }

    /// What has to be written so that a change can be seen.
    fn writable(&self, change: &Rectangle) -> Rectangle {
        if change.is_zero_sized() {
            return *change;
        }
        if self.is_whole {
            return self.area();
        }
        let mut area = self.format.widened(change, self.size());
        if self.has_whole_rows {
            (area.top_left.x, area.size.width) = (0, self.size().width);
        }
        area
    }
}

impl<'b> Screen<'b> {
    /// A display whose content is unknown. The buffer has to have room for the least
    /// that can be written, a row or eight, or there is none.
    pub fn new(panel: Panel, buffer: &'b mut [u8]) -> Option<Self> {
        panel.format.strips(panel.area(), buffer.len()).next()?;
        Some(Self {
            panel,
            buffer,
            shown: None,
        })
    }

    /// Shows a view at a time (monotonic milliseconds), by calls of `write` with each strip in
    /// which something has changed, from above; it learns which of them is the last. None if
    /// nothing has changed: true if there was one.
    ///
    /// # Errors
    ///
    /// That of `write`, which ends it. Everything is written the next time.
    pub fn show<E>(
        &mut self,
        view: &View,
        now: u64,
        mut write: impl FnMut(&Strip<'_>, bool) -> Result<(), E>,
    ) -> Result<bool, E> {
        let scene = Scene::of(self.panel.size(), view, now);
        let change = match &self.shown {
            Some(shown) => scene.damage(shown),
            None => self.panel.area(),
        };
        let area = self.panel.writable(&change);
        let mut strips = self.panel.format.strips(area, self.buffer.len()).peekable();
        let is_changed = strips.peek().is_some();
        self.shown = None;
        while let Some(area) = strips.next() {
            let Some(mut strip) = Strip::new(area, self.panel.format, self.buffer) else {
                break;
            };
            let Ok(()) = scene.draw(&mut strip);
            write(&strip, strips.peek().is_none())?;
        }
        self.shown = Some(scene);
        Ok(is_changed)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::{vec, vec::Vec};

    use ocpp::{
        domain::{ChargePointError, IdToken, Status},
        station::Event,
    };
    use view::Link;

    use super::*;

    const MONOCHROME: Format = Format::Monochrome {
        lit: true,
        is_vertical: true,
        is_msb_first: false,
    };

    fn panel(width: u16, height: u16, format: Format) -> Panel {
        Panel {
            width,
            height,
            format,
            has_whole_rows: false,
            is_whole: false,
        }
    }

    /// A display as its driver sees it: bytes of eight pixels below each other, or of one.
    struct Glass {
        width: usize,
        tile: usize,
        bytes: Vec<u8>,
        /// Whether each strip was the last, and how many pixels it had.
        strips: Vec<(bool, u32)>,
    }

    impl Glass {
        fn new(panel: &Panel) -> Self {
            Self {
                width: panel.width.into(),
                tile: if panel.format == Format::Grey { 1 } else { 8 },
                bytes: vec![0x99; panel.format.bytes(panel.size())],
                strips: Vec::new(),
            }
        }

        fn write(&mut self, strip: &Strip<'_>, is_last: bool) -> Result<(), ()> {
            let area = strip.area();
            let corner = (area.top_left.x as usize, area.top_left.y as usize);
            let width = area.size.width as usize;
            assert_eq!(corner.1 % self.tile, 0);
            for (row, bytes) in strip.bytes().chunks(width).enumerate() {
                let at = (corner.1 / self.tile + row) * self.width + corner.0;
                self.bytes[at..at + width].copy_from_slice(bytes);
            }
            self.strips
                .push((is_last, area.size.width * area.size.height));
            Ok(())
        }

        fn pixels(&mut self) -> u32 {
            self.strips.drain(..).map(|(_, pixels)| pixels).sum()
        }
    }

    /// From the disconnected charge point to one that charges and one that is broken.
    fn story() -> Vec<(View, u64)> {
        let mut view = View::new(2);
        let mut story = vec![(view.clone(), 0)];
        view.set_link(Link::Online);
        view.set_address("10.0.2.15");
        story.push((view.clone(), 500));
        view.authorizing(2, &IdToken::try_from("ZepId01").unwrap());
        story.push((view.clone(), 1_000));
        for status in [Status::Charging, Status::Available] {
            view.happened(
                2_000,
                &Event::Status {
                    connector: 2,
                    status,
                    error: ChargePointError::NoError,
                },
            );
            story.extend((0..4).map(|step| (view.clone(), 2_000 + 250 * step)));
        }
        view.happened(
            4_000,
            &Event::Status {
                connector: 1,
                status: Status::Faulted,
                error: ChargePointError::HighTemperature,
            },
        );
        story.push((view, 5_000));
        story
    }

    #[test]
    fn what_is_written_makes_the_picture_of_the_moment() {
        for panel in [
            panel(128, 64, MONOCHROME),
            panel(122, 250, MONOCHROME),
            panel(320, 240, Format::Grey),
        ] {
            for memory in [320, 1_500, 100_000] {
                let mut buffer = vec![0; memory];
                let mut screen = Screen::new(panel, &mut buffer).unwrap();
                let mut glass = Glass::new(&panel);
                for (view, now) in story() {
                    let shown = screen.show(&view, now, |strip, last| glass.write(strip, last));
                    assert!(shown.is_ok());
                    let mut whole = vec![0; panel.format.bytes(panel.size())];
                    let mut strip = Strip::new(panel.area(), panel.format, &mut whole).unwrap();
                    let Ok(()) = crate::draw(&mut strip, &view, now) as Result<(), _>;
                    assert!(glass.bytes == strip.bytes(), "{panel:?} at {now}");
                }
            }
        }
    }

    #[test]
    fn only_what_has_changed_is_written() {
        let panel = panel(320, 240, Format::Grey);
        let mut buffer = [0; 3_200];
        let mut screen = Screen::new(panel, &mut buffer).unwrap();
        let mut glass = Glass::new(&panel);
        let mut view = View::new(2);
        let mut show = |view: &View| screen.show(view, 0, |strip, last| glass.write(strip, last));
        assert_eq!(show(&view), Ok(true));
        assert_eq!(show(&view), Ok(false));
        view.authorizing(2, &IdToken::try_from("ZepId01").unwrap());
        assert_eq!(show(&view), Ok(true));
        let ends: Vec<_> = glass.strips.iter().map(|(is_last, _)| *is_last).collect();
        assert_eq!(ends.iter().filter(|is_last| **is_last).count(), 2);
        assert!(ends[23] && ends[ends.len() - 1]);
        let first: u32 = glass.strips.drain(..24).map(|(_, pixels)| pixels).sum();
        assert_eq!(first, 320 * 240);
        assert!(glass.pixels() < 160 * 200);
    }

    #[test]
    fn what_must_be_whole_is_written_whole() {
        let mut view = View::new(2);
        for (has_whole_rows, is_whole, at_least) in
            [(true, false, 128 * 8), (false, true, 128 * 64)]
        {
            let panel = Panel {
                has_whole_rows,
                is_whole,
                ..panel(128, 64, MONOCHROME)
            };
            let mut buffer = [0; 1_024];
            let mut screen = Screen::new(panel, &mut buffer).unwrap();
            let mut glass = Glass::new(&panel);
            view.set_link(Link::Offline);
            for link in [Link::Offline, Link::Online] {
                glass.strips.clear();
                view.set_link(link);
                let shown = screen.show(&view, 0, |strip, last| glass.write(strip, last));
                assert_eq!(shown, Ok(true));
            }
            assert_eq!(glass.pixels(), at_least);
            let shown = screen.show(&view, 0, |strip, last| glass.write(strip, last));
            assert_eq!(shown, Ok(false));
        }
    }

    #[test]
    fn after_an_error_everything_is_written() {
        let panel = panel(128, 64, MONOCHROME);
        let mut buffer = [0; 128];
        let mut screen = Screen::new(panel, &mut buffer).unwrap();
        let mut glass = Glass::new(&panel);
        let view = View::new(2);
        let mut count = 0;
        let broken = screen.show(&view, 0, |_, _| {
            count += 1;
            if count == 3 {
                Err("loose wire")
            } else {
                Ok(())
            }
        });
        assert_eq!((broken, count), (Err("loose wire"), 3));
        let shown = screen.show(&view, 0, |strip, last| glass.write(strip, last));
        assert_eq!(shown, Ok(true));
        assert_eq!(glass.pixels(), 128 * 64);
    }

    #[test]
    fn a_buffer_below_the_least_is_refused() {
        let refused = |panel, bytes: &mut [u8]| Screen::new(panel, bytes).is_none();
        assert!(refused(panel(128, 64, MONOCHROME), &mut [0; 127]));
        assert!(!refused(panel(128, 64, MONOCHROME), &mut [0; 128]));
        assert!(refused(panel(320, 240, Format::Rgb565), &mut [0; 639]));
        assert!(!refused(panel(320, 240, Format::Rgb565), &mut [0; 640]));
        assert!(refused(panel(0, 0, Format::Rgb565), &mut [0; 640]));
    }
}
