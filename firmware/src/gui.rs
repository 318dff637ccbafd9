//! The display: LVGL draws the [`View`](crate::view).
//!
//! A thread behind all others takes a copy of the view and draws what has changed. No other thread waits
//! for it, and it holds nothing while it draws.

mod card;
mod colour;
mod layout;
mod lv;
mod screen;

use core::ffi::{c_char, c_int};

use zephyr::time::{Duration, sleep};

use self::{lv::Lvgl, screen::Screen};
use crate::{
    log::{Level, Text},
    settings, view,
};

unsafe extern "C" {
    fn firmware_gui_log(level: u32, line: *const c_char);
    safe fn firmware_gui_light() -> c_int;
}

/// Behind the threads of the charge point, its drivers, and those that tell the view.
const PRIORITY: i32 = 12;
/// How long a picture stays. Steps of what moves last twice as long, so that none is left out.
const FRAME: Duration = Duration::millis(::view::STEP_MS / 2);

/// What a display says that has no light of its own to switch.
const NO_SUCH_FUNCTION: c_int = -88;

/// Initialises LVGL, and starts to draw.
pub fn start() {
    log(Level::Info, format_args!("Initializing LVGL GUI"));
    match Lvgl::init() {
        Ok(lvgl) => {
            log(
                Level::Info,
                format_args!("LVGL GUI initialized successfully"),
            );
            let thread = draw(lvgl);
            thread.set_priority(PRIORITY);
            thread.start();
        }
        Err(error) => log(Level::Error, format_args!("LVGL GUI failed {error}")),
    }
}

#[zephyr::thread(stack_size = settings::GUI_STACK_SIZE, pool_size = 1)]
fn draw(lvgl: Lvgl) {
    let Some(mut screen) = Screen::new(&lvgl, &view::copy()) else {
        log(Level::Error, format_args!("LVGL has too little memory"));
        return;
    };
    let mut is_lit = false;
    loop {
        screen.show(&view::copy(), view::now());
        lvgl.draw();
        if !is_lit {
            // Not before there is something to see.
            is_lit = true;
            light();
        }
        sleep(FRAME);
    }
}

fn light() {
    let error = firmware_gui_light();
    if error != 0 && error != NO_SUCH_FUNCTION {
        log(Level::Warning, format_args!("display stays dark {error}"));
    }
}

/// Writes a line to the log module `gui`.
fn log(level: Level, line: core::fmt::Arguments<'_>) {
    let line = Text::of(line);
    // SAFETY: the line ends with a zero, and the log copies it.
    unsafe { firmware_gui_log(level as u32, line.as_ptr()) };
}
