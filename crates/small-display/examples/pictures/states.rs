//! What the pictures show, and what they look like: the example writes them, a test compares them
//! with those in the repository.

use std::{convert::Infallible, io};

use embedded_graphics::{
    Pixel,
    draw_target::DrawTarget,
    geometry::{OriginDimensions, Size},
    pixelcolor::{BinaryColor, Rgb888, RgbColor},
};
use ocpp::{
    domain::{ChargePointError, IdToken, Status},
    station::{Event, TransactionState},
};
use view::{Link, View};

/// When the pictures are taken, in monotonic milliseconds.
const NOW: u64 = 100_000;
/// How long transactions have lasted then; a second is as good as another.
const ELAPSED: u64 = 7_600;
/// What they have taken until the second before, in Wh, at so many W.
const TAKEN: i32 = 21;
const POWER: i32 = 11_040;
const ID_TAGS: [&str; 2] = ["ZepId00", "ZepId01"];

/// One of the files.
pub struct Picture {
    state: &'static str,
    view: View,
    display: Display,
}

#[derive(Clone, Copy)]
enum Display {
    /// 128x64; each of its pixels is four wide and high in the file.
    Monochrome,
    /// 320x240.
    Colour,
}

/// All of them.
pub fn pictures() -> Vec<Picture> {
    let on_both = |(state, view): (&'static str, View)| {
        [Display::Monochrome, Display::Colour].map(|display| Picture {
            state,
            view: view.clone(),
            display,
        })
    };
    states().into_iter().flat_map(on_both).collect()
}

/// As the image for native_sim comes to them in its tests. It tells no address, because its sockets
/// are those of the host.
fn states() -> [(&'static str, View); 8] {
    let mut disconnected = View::new(2);
    disconnected.set_address("host network");
    for connector in [1, 2] {
        disconnected.metered(connector, 0, 0);
    }
    let mut idle = disconnected.clone();
    idle.set_link(Link::Online);

    let mut authorizing = idle.clone();
    authorizing.authorizing(1, &IdToken::try_from(ID_TAGS[0]).unwrap());

    let mut charging_on_one = idle.clone();
    charge(&mut charging_on_one, 1);
    let mut charging_on_both = charging_on_one.clone();
    charge(&mut charging_on_both, 2);

    let mut reserved = charging_on_one.clone();
    reserved.set_limit(1, Some(160));
    reserved.happened(NOW, &status(2, Status::Reserved, ChargePointError::NoError));

    let mut fault = idle.clone();
    fault.happened(
        NOW,
        &status(1, Status::Faulted, ChargePointError::GroundFailure),
    );
    let mut unavailable = idle.clone();
    unavailable.happened(
        NOW,
        &status(2, Status::Unavailable, ChargePointError::NoError),
    );
    [
        ("idle", idle),
        ("authorizing", authorizing),
        ("charging-on-one", charging_on_one),
        ("charging-on-both", charging_on_both),
        ("fault", fault),
        ("disconnected", disconnected),
        ("unavailable", unavailable),
        ("limited-and-reserved", reserved),
    ]
}

fn charge(view: &mut View, connector: u8) {
    let since = NOW - ELAPSED;
    let started = Event::Transaction {
        connector,
        state: TransactionState::Started,
        transaction_id: None,
        id_tag: IdToken::try_from(ID_TAGS[usize::from(connector) - 1]).ok(),
        reason: None,
    };
    view.happened(since, &started);
    let charging = status(connector, Status::Charging, ChargePointError::NoError);
    view.happened(since, &charging);
    view.metered(connector, TAKEN, POWER);
}

fn status(connector: u8, status: Status, error: ChargePointError) -> Event {
    Event::Status {
        connector,
        status,
        error,
    }
}

impl Picture {
    /// Its name in the folder.
    pub fn file(&self) -> String {
        let Size { width, height } = self.display.size();
        format!("{width}x{height}-{}.png", self.state)
    }

    /// Red, green and blue of each pixel of the display, row by row.
    pub fn pixels(&self) -> Vec<[u8; 3]> {
        let size = self.display.size();
        match self.display {
            Display::Monochrome => {
                let lit = Canvas::draw(size, BinaryColor::Off, &self.view);
                lit.map(|pixel| [if pixel.is_on() { 255 } else { 0 }; 3])
            }
            Display::Colour => Canvas::draw(size, Rgb888::BLACK, &self.view)
                .map(|pixel| [pixel.r(), pixel.g(), pixel.b()]),
        }
    }

    /// The file.
    pub fn png(&self) -> io::Result<Vec<u8>> {
        let (Size { width, height }, scale) = (self.display.size(), self.display.scale());
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, width * scale, height * scale);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::High);
        // So that little is needed to read them.
        encoder.set_filter(png::Filter::NoFilter);
        let pixels = self.pixels();
        let times = |count| move |pixel: &[u8; 3]| std::iter::repeat_n(*pixel, count);
        let rows = pixels.chunks(width as usize).flat_map(|row| {
            let row: Vec<_> = row.iter().flat_map(times(scale as usize)).collect();
            std::iter::repeat_n(row, scale as usize)
        });
        let bytes: Vec<u8> = rows.flatten().flatten().collect();
        encoder.write_header()?.write_image_data(&bytes)?;
        Ok(file)
    }
}

impl Display {
    fn size(self) -> Size {
        match self {
            Self::Monochrome => Size::new(128, 64),
            Self::Colour => Size::new(320, 240),
        }
    }

    fn scale(self) -> u32 {
        match self {
            Self::Monochrome => 4,
            Self::Colour => 1,
        }
    }
}

/// A display in memory, which takes no pixel beside it.
struct Canvas<C> {
    size: Size,
    pixels: Vec<C>,
}

impl<C: embedded_graphics::pixelcolor::PixelColor + From<small_display::Paint>> Canvas<C> {
    fn draw(size: Size, blank: C, view: &View) -> Self {
        let mut canvas = Self {
            size,
            pixels: vec![blank; (size.width * size.height) as usize],
        };
        let Ok(()) = small_display::draw(&mut canvas, view, NOW);
        canvas
    }

    fn map(self, colour: impl FnMut(C) -> [u8; 3]) -> Vec<[u8; 3]> {
        self.pixels.into_iter().map(colour).collect()
    }
}

impl<C> OriginDimensions for Canvas<C> {
    fn size(&self) -> Size {
        self.size
    }
}

impl<C: embedded_graphics::pixelcolor::PixelColor> DrawTarget for Canvas<C> {
    type Color = C;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<C>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(at, colour) in pixels {
            let (x, y) = (u32::try_from(at.x).unwrap(), u32::try_from(at.y).unwrap());
            assert!(
                x < self.size.width && y < self.size.height,
                "{at} is outside"
            );
            self.pixels[(y * self.size.width + x) as usize] = colour;
        }
        Ok(())
    }
}
