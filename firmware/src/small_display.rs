//! The view on a small display: a thread that looks a few times a second, and writes what has
//! changed. The C side is `c/display.c`.

use core::ffi::c_int;

use small_display::{Format, Panel, Screen, Strip};
use zephyr::{
    sync::Mutex,
    time::{Duration, sleep},
};

use crate::{log::line, settings, view};

/// Behind all threads that do something for a driver.
const PRIORITY: c_int = 12;
const PERIOD_MS: u64 = 1000 / settings::SMALL_DISPLAY_RATE as u64;
/// After an error of the display, which may be a loose wire.
const RETRY_MS: u64 = 1000;

/// `enum firmware_pixels`.
const MONO01: u8 = 0;
const MONO10: u8 = 1;
const L_8: u8 = 2;
const RGB_565: u8 = 3;
const BGR_565: u8 = 4;
const RGB_888: u8 = 5;
const ARGB_8888: u8 = 6;

/// `struct firmware_display`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Display {
    width: u16,
    height: u16,
    pixels: u8,
    vertical: bool,
    msb_first: bool,
    whole_rows: bool,
    whole: bool,
}

unsafe extern "C" {
    fn firmware_display_open(display: *mut Display) -> c_int;
    fn firmware_display_write(
        x: u16,
        y: u16,
        width: u16,
        height: u16,
        pixels: *const u8,
        size: usize,
        last: bool,
    ) -> c_int;
    safe fn firmware_display_show() -> c_int;
}

/// Drivers look at it as pixels of up to four bytes.
#[repr(align(4))]
struct Buffer([u8; settings::SMALL_DISPLAY_BUFFER]);

static BUFFER: Mutex<Buffer> = Mutex::new(Buffer([0; settings::SMALL_DISPLAY_BUFFER]));

/// Starts to look.
pub fn start() {
    let thread = draw();
    thread.set_priority(PRIORITY);
    thread.start();
}

#[zephyr::thread(stack_size = 8192, pool_size = 1)]
fn draw() {
    let panel = match panel() {
        Ok(panel) => panel,
        Err(error) => {
            line!(Error, "the display cannot be used: {error}");
            return;
        }
    };
    let (width, height) = (panel.width, panel.height);
    // No other thread uses it.
    let Ok(mut buffer) = BUFFER.lock();
    let Some(mut screen) = Screen::new(panel, &mut buffer.0) else {
        line!(Error, "CHARGE_POINT_SMALL_DISPLAY_BUFFER is too small");
        return;
    };
    line!(Info, "display of {width}x{height} pixels");
    let mut is_dark = true;
    let mut is_broken = false;
    loop {
        let shown = screen
            .show(&view::copy(), view::now(), write)
            .and_then(|_| match is_dark {
                true => result(firmware_display_show()),
                false => Ok(()),
            });
        match shown {
            Ok(()) => (is_dark, is_broken) = (false, false),
            Err(error) => {
                if !is_broken {
                    line!(Error, "the display does not take pictures: {error}");
                }
                (is_dark, is_broken) = (true, true);
            }
        }
        // As often, however long drawing takes: no step of what moves is left out.
        let period = match is_broken {
            true => RETRY_MS,
            false => PERIOD_MS,
        };
        sleep(Duration::millis(period - view::now() % period));
    }
}

/// What the chosen display takes, or an error number.
fn panel() -> Result<Panel, c_int> {
    let mut display = Display::default();
    // SAFETY: it is written to the structure, which has the same form in C.
    result(unsafe { firmware_display_open(&raw mut display) })?;
    let monochrome = |lit| Format::Monochrome {
        lit: lit != settings::SMALL_DISPLAY_INVERTED,
        is_vertical: display.vertical,
        is_msb_first: display.msb_first,
    };
    let format = match display.pixels {
        MONO01 => monochrome(true),
        MONO10 => monochrome(false),
        L_8 => Format::Grey,
        RGB_565 => Format::Rgb565,
        BGR_565 => Format::Rgb565Native,
        RGB_888 => Format::Rgb888,
        ARGB_8888 => Format::Argb8888,
        unknown => return Err(unknown.into()),
    };
    Ok(Panel {
        width: display.width,
        height: display.height,
        format,
        has_whole_rows: display.whole_rows,
        is_whole: display.whole,
    })
}

fn write(strip: &Strip<'_>, is_last: bool) -> Result<(), c_int> {
    let (area, pixels) = (strip.area(), strip.bytes());
    let [x, y, width, height] = [
        area.top_left.x as u32,
        area.top_left.y as u32,
        area.size.width,
        area.size.height,
    ]
    // A display is no larger.
    .map(|pixels| pixels as u16);
    // SAFETY: there are so many bytes, and the driver has read them when it returns.
    result(unsafe {
        firmware_display_write(x, y, width, height, pixels.as_ptr(), pixels.len(), is_last)
    })
}

fn result(error: c_int) -> Result<(), c_int> {
    match error {
        0 => Ok(()),
        error => Err(error),
    }
}
