//! A picture as the list of its parts, and what two of them differ in.

use core::fmt::{Display, Write};

use embedded_graphics::{
    draw_target::{DrawTarget, DrawTargetExt},
    geometry::{Point, Size},
    primitives::Rectangle,
};
use heapless::{String, Vec};
use view::{ADDRESS, Connector, Elapsed, Figure, State, View};

use crate::{
    cards,
    face::Face,
    paint::Paint,
    part::{Part, STEPS, around},
    rows,
};

/// More than any layout has.
const PARTS: usize = 24;

/// Pixels between two texts that share a line.
const GAP: u32 = 4;

/// Where in its space a text stands; in the middle of its height.
#[derive(Clone, Copy, Debug)]
pub enum Align {
    Left,
    Centre,
    Right,
}

/// A picture of a certain size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    size: Size,
    pub(crate) parts: Vec<Part, PARTS>,
}

impl Scene {
    /// What there is to see at a time (monotonic milliseconds) on a display of this size.
    pub fn of(size: Size, view: &View, now: u64) -> Self {
        let mut scene = Self {
            size,
            parts: Vec::new(),
        };
        let area = Rectangle::new(Point::zero(), size);
        scene.add(Part::Fill {
            area,
            paint: Paint::Paper,
        });
        match cards::fit(size) {
            true => cards::lay(&mut scene, area, view, now),
            false => rows::lay(&mut scene, area, view, now),
        }
        scene
    }

    /// Draws what of it is within the target's bounds.
    ///
    /// # Errors
    ///
    /// Those of the target.
    pub fn draw<D>(&self, target: &mut D) -> Result<(), D::Error>
    where
        D: DrawTarget,
        D::Color: From<Paint>,
    {
        let bounds = target.bounding_box();
        let mut target = target.color_converted();
        self.parts
            .iter()
            .filter(|part| !part.area().intersection(&bounds).is_zero_sized())
            .try_for_each(|part| part.draw(&mut target))
    }

    /// The smallest rectangle outside of which it looks like the scene before; without a size when
    /// they look the same.
    pub fn damage(&self, before: &Self) -> Rectangle {
        if self.size != before.size {
            return Rectangle::new(Point::zero(), self.size);
        }
        let longer = self.parts.len().max(before.parts.len());
        let pairs = (0..longer).map(|at| (self.parts.get(at), before.parts.get(at)));
        let differing = pairs.filter(|(new, old)| new != old);
        let areas = differing.flat_map(|(new, old)| [new, old]).flatten();
        areas
            .map(Part::area)
            .reduce(|one, other| around(&one, &other))
            .unwrap_or_default()
    }

    pub(crate) fn add(&mut self, part: Part) {
        if !part.area().is_zero_sized() {
            let added = self.parts.push(part);
            debug_assert!(added.is_ok(), "PARTS are too few");
        }
    }

    /// Adds a line in the first of the faces in which it fits, or cut.
    pub(crate) fn text(
        &mut self,
        space: Rectangle,
        align: Align,
        faces: &[Face],
        paint: Paint,
        what: impl Display,
    ) {
        let mut text = written(what);
        let characters = text.chars().count();
        let Some(face) = Face::choose(faces, characters, space.size) else {
            return;
        };
        let room = face.fit(space.size.width);
        let is_cut = characters > room;
        if is_cut && let Some((end, _)) = text.char_indices().nth(room.saturating_sub(1)) {
            text.truncate(end);
        }
        let cell = face.cell();
        let width = characters.min(room) as u32 * cell.width;
        let free = space.size.saturating_sub(Size::new(width, cell.height));
        let left = match align {
            Align::Left => 0,
            Align::Centre => free.width / 2,
            Align::Right => free.width,
        };
        let area = Rectangle::new(
            space.top_left + Size::new(left, free.height / 2),
            Size::new(width, cell.height),
        );
        self.add(Part::Text {
            area,
            face,
            paint,
            text,
            is_cut,
        });
    }

    /// Two texts on one line, in the first of the faces in which both have room. Where they have
    /// none, that on the left is all there is.
    pub(crate) fn pair(
        &mut self,
        space: Rectangle,
        faces: &[Face],
        paint: Paint,
        left: impl Display,
        right: Option<impl Display>,
    ) {
        let (left, right) = (written(left), right.map(written));
        let both = right.as_ref().and_then(|right| {
            let face = face_of_both(space, faces, &left, right)?;
            Some((face, right))
        });
        match both {
            Some((face, right)) => {
                self.text(space, Align::Left, &[face], paint, left);
                self.text(space, Align::Right, &[face], Paint::Ink, right);
            }
            None => self.text(space, Align::Left, faces, paint, left),
        }
    }
}

/// The first of the faces in which two texts have room on one line.
fn face_of_both(space: Rectangle, faces: &[Face], left: &str, right: &str) -> Option<Face> {
    let characters = left.chars().count() + right.chars().count();
    let free = Size::new(space.size.width.checked_sub(GAP)?, space.size.height);
    let face = Face::choose(faces, characters, free)?;
    (characters <= face.fit(free.width)).then_some(face)
}

/// True where [`Scene::pair`] has room for both.
pub fn has_room(space: Rectangle, faces: &[Face], left: impl Display, right: impl Display) -> bool {
    face_of_both(space, faces, &written(left), &written(right)).is_some()
}

/// As text, of which there may be as much as of an address.
fn written(what: impl Display) -> String<ADDRESS> {
    let mut text = String::new();
    let _ = write!(text, "{what}");
    text
}

/// Who is there, or what is wrong.
pub fn who<'v>(view: &View, connector: &'v Connector) -> &'v str {
    match view.error(connector) {
        Some(error) => error.as_str(),
        None => connector.id_tag(),
    }
}

/// What is shown of a transaction while it runs.
pub fn session(view: &View, connector: &Connector, now: u64) -> (Option<Figure>, Option<Elapsed>) {
    let elapsed = connector.elapsed(now);
    let elapsed = elapsed.filter(|_| view.state(connector).is_session());
    (view.figure(connector, now), elapsed)
}

/// How far what moves while charging has come.
pub fn step(view: &View, connector: &Connector, now: u64) -> Option<u8> {
    let step = match view.state(connector) {
        State::Charging => view.step(connector, now)?,
        _ => return None,
    };
    Some((step * u64::from(STEPS) / view::STEPS) as u8)
}
