//! What a picture is made of. A part draws within its area and nowhere else.

use embedded_graphics::{
    Drawable, Pixel,
    draw_target::DrawTarget,
    geometry::{AngleUnit, Point, Size},
    mono_font::MonoTextStyle,
    primitives::{
        Arc, Circle, Primitive, PrimitiveStyle, PrimitiveStyleBuilder, Rectangle, RoundedRectangle,
        StrokeAlignment,
    },
    text::{Baseline, Text},
};
use heapless::String;
use view::{ADDRESS, Link};

use crate::{face::Face, paint::Paint};

/// How many steps it takes until what moves looks as before.
pub const STEPS: u8 = 8;

/// Side of the icon of the connection.
pub const ICON: Size = Size::new(8, 8);

/// Height of the line that moves while charging.
pub const DASH_HEIGHT: u32 = 2;
/// Of each dash and the gap behind it, in pixels; a step moves by one of them.
const DASH_PERIOD: u32 = STEPS as u32;
const DASH: u32 = 5;

/// The rounding of frames.
const ROUND: Size = Size::new(6, 6);

/// Something to be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of the area.
    Fill { area: Rectangle, paint: Paint },
    /// Its outline, rounded.
    Frame { area: Rectangle, paint: Paint },
    /// A circle; with a step, a piece of it that goes round.
    Ring {
        area: Rectangle,
        paint: Paint,
        step: Option<u8>,
    },
    /// A dashed line that moves.
    Dashes {
        area: Rectangle,
        paint: Paint,
        step: u8,
    },
    /// The connection: rising bars, bars to come, or a cross.
    Link { area: Rectangle, link: Link },
    /// A line of text, with a mark where it was cut.
    Text {
        area: Rectangle,
        face: Face,
        paint: Paint,
        text: String<ADDRESS>,
        is_cut: bool,
    },
}

impl Part {
    /// Where it is.
    pub const fn area(&self) -> Rectangle {
        match self {
            Self::Fill { area, .. }
            | Self::Frame { area, .. }
            | Self::Ring { area, .. }
            | Self::Dashes { area, .. }
            | Self::Link { area, .. }
            | Self::Text { area, .. } => *area,
        }
    }

    pub fn draw<D: DrawTarget<Color = Paint>>(&self, target: &mut D) -> Result<(), D::Error> {
        match self {
            Self::Fill { area, paint } => target.fill_solid(area, *paint),
            Self::Frame { area, paint } => RoundedRectangle::with_equal_corners(*area, ROUND)
                .into_styled(stroke(*paint, 1))
                .draw(target),
            Self::Ring { area, paint, step } => ring(target, area, *paint, *step),
            Self::Dashes { area, paint, step } => dashes(target, area, *paint, *step),
            Self::Link { area, link } => icon(target, area.top_left, *link),
            Self::Text {
                area,
                face,
                paint,
                text,
                is_cut,
            } => {
                let style = MonoTextStyle::new(face.font(), *paint);
                let line = Text::with_baseline(text, area.top_left, style, Baseline::Top);
                let end = line.draw(target)?;
                match is_cut {
                    true => ellipsis(target, end, *face, *paint),
                    false => Ok(()),
                }
            }
        }
    }
}

fn stroke(paint: Paint, width: u32) -> PrimitiveStyle<Paint> {
    PrimitiveStyleBuilder::new()
        .stroke_color(paint)
        .stroke_width(width)
        .stroke_alignment(StrokeAlignment::Inside)
        .build()
}

fn ring<D: DrawTarget<Color = Paint>>(
    target: &mut D,
    area: &Rectangle,
    paint: Paint,
    step: Option<u8>,
) -> Result<(), D::Error> {
    let circle = Circle::new(area.top_left, area.size.width);
    let width = (circle.diameter / 9).max(1);
    let Some(step) = step else {
        return circle.into_styled(stroke(paint, width)).draw(target);
    };
    circle
        .into_styled(stroke(Paint::Trace, width))
        .draw(target)?;
    let turn = 360.0 / f32::from(STEPS);
    let start = turn * f32::from(step) - 90.0;
    Arc::from_circle(circle, start.deg(), 120.0.deg())
        .into_styled(stroke(paint, width))
        .draw(target)
}

fn dashes<D: DrawTarget<Color = Paint>>(
    target: &mut D,
    area: &Rectangle,
    paint: Paint,
    step: u8,
) -> Result<(), D::Error> {
    let shift = Point::new(i32::from(step) - DASH_PERIOD as i32, 0);
    let size = Size::new(DASH, area.size.height);
    for x in (0..area.size.width + DASH_PERIOD).step_by(DASH_PERIOD as usize) {
        let corner = area.top_left + shift + Size::new(x, 0);
        let dash = Rectangle::new(corner, size).intersection(area);
        target.fill_solid(&dash, paint)?;
    }
    Ok(())
}

fn icon<D: DrawTarget<Color = Paint>>(
    target: &mut D,
    corner: Point,
    link: Link,
) -> Result<(), D::Error> {
    let paint = Paint::Of(link.colour());
    let heights = match link {
        Link::Online => [4, 6, 8],
        Link::Pending => [4, 1, 1],
        Link::Offline => {
            let side = ICON.width as i32;
            // Two pixels wide each.
            let cross = (0..side).flat_map(|y| [(y, y), (side - 1 - y, y)]);
            let cross = cross.flat_map(|(x, y)| [(x, y), ((x + 1).min(side - 1), y)]);
            let pixels = cross.map(|(x, y)| Pixel(corner + Point::new(x, y), paint));
            return target.draw_iter(pixels);
        }
    };
    for (x, height) in [0, 3, 6].into_iter().zip(heights) {
        let top = corner + Size::new(x, ICON.height - height);
        target.fill_solid(&Rectangle::new(top, Size::new(2, height)), paint)?;
    }
    Ok(())
}

/// Three dots in the place of a character: no font here has that character.
fn ellipsis<D: DrawTarget<Color = Paint>>(
    target: &mut D,
    corner: Point,
    face: Face,
    paint: Paint,
) -> Result<(), D::Error> {
    let down = face.font().baseline as i32;
    let dots = [0, 2, 4].map(|x| Pixel(corner + Point::new(x, down), paint));
    target.draw_iter(dots)
}

/// The rectangle of that size in the middle of another.
pub fn centred(size: Size, within: &Rectangle) -> Rectangle {
    let free = within.size.saturating_sub(size);
    Rectangle::new(within.top_left + free / 2, size)
}

/// What is left of a rectangle when its sides come nearer by so much.
pub fn inset(area: &Rectangle, by: u32) -> Rectangle {
    let size = area.size.saturating_sub(Size::new(2 * by, 2 * by));
    Rectangle::new(area.top_left + Size::new(by, by), size)
}

/// The smallest rectangle around two.
pub fn around(one: &Rectangle, other: &Rectangle) -> Rectangle {
    let corner = one.top_left.component_min(other.top_left);
    let end = (one.top_left + one.size).component_max(other.top_left + other.size);
    let size = end - corner;
    Rectangle::new(corner, Size::new(size.x as u32, size.y as u32))
}

/// Cuts the upper part off, of so many pixels or all there are.
pub fn split_off(area: &mut Rectangle, height: u32) -> Rectangle {
    let height = height.min(area.size.height);
    let top = Rectangle::new(area.top_left, Size::new(area.size.width, height));
    area.top_left.y += height as i32;
    area.size.height -= height;
    top
}

/// Cuts the right side off, of so many pixels or all there are.
pub fn split_off_right(area: &mut Rectangle, width: u32) -> Rectangle {
    let width = width.min(area.size.width);
    area.size.width -= width;
    Rectangle::new(
        area.top_left + Size::new(area.size.width, 0),
        Size::new(width, area.size.height),
    )
}
