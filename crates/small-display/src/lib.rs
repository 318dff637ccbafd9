//! Draws what there is to see of a charge point ([`View`]) on small displays.
//!
//! ```text
//! View, time, size ── Scene::of ──► Scene ── draw ──► any DrawTarget of embedded-graphics
//!                                     │                  Strip: bytes as a display takes them
//!                                     └─ damage ──► what has changed since the last one
//!
//! View, time ── Screen::show ──► the strips that a display has to be given
//! ```
//!
//! A [`Scene`] is what is to be seen, as a list of parts with their places; nothing else decides
//! about a pixel, so two scenes that are equal look the same. It is made once for a picture and
//! drawn as often as there are strips, so that a display needs no frame buffer here.
//!
//! What the display is decides how much is shown, never whether it works: connectors in rows
//! (`rows`), or in cards side by side from 240x200 on (`cards`). On monochrome displays
//! paper is what is dark, as on an OLED.
#![no_std]
#![forbid(unsafe_code)]

mod cards;
mod face;
mod paint;
mod part;
mod rows;
mod scene;
mod screen;
mod strip;

pub use paint::Paint;
pub use scene::Scene;
pub use screen::{Panel, Screen};
pub use strip::{Format, Strip};

use embedded_graphics::draw_target::DrawTarget;
use view::View;

/// Draws all of a target; `now` in monotonic milliseconds. Two calls with the same arguments draw
/// the same.
///
/// # Errors
///
/// Those of the target.
pub fn draw<D>(target: &mut D, view: &View, now: u64) -> Result<(), D::Error>
where
    D: DrawTarget,
    D::Color: From<Paint>,
{
    let size = target.bounding_box().size;
    Scene::of(size, view, now).draw(target)
}

#[cfg(test)]
mod tests;
