//! Connectors in rows, for displays from 128x64 down to two lines of text.

use embedded_graphics::{
    geometry::{Point, Size},
    primitives::Rectangle,
};
use view::{Connector, Figure, PER_PAGE, View};

use crate::{
    face::Face::{self, Five, NineBold, Seven, SevenBold, Six, Ten},
    paint::Paint,
    part::{DASH_HEIGHT, ICON, Part, inset, split_off},
    scene::{Align, Scene, has_room, session, step, who},
};

/// How a row of a certain height is divided.
struct Form {
    /// Width of the field with the number.
    number: u32,
    /// State and power or limit.
    state: &'static [Face],
    /// idTag, or what is wrong.
    who: &'static [Face],
    /// Energy and elapsed time.
    energy: &'static [Face],
}

const FORMS: [(u32, Form); 4] = [
    (
        48,
        Form {
            number: 24,
            state: &[NineBold, SevenBold, Six, Five],
            who: &[Seven, Six, Five],
            energy: &[Seven, Six, Five],
        },
    ),
    (
        31,
        Form {
            number: 15,
            state: &[Six, Five],
            who: &[Five],
            energy: &[Six, Five],
        },
    ),
    (
        18,
        Form {
            number: 9,
            state: &[Six, Five],
            who: &[],
            energy: &[Five],
        },
    ),
    (
        8,
        Form {
            number: 7,
            state: &[Five],
            who: &[],
            energy: &[],
        },
    ),
];

/// Adds the connectors of the page, and the connection in the upper right corner.
pub fn lay(scene: &mut Scene, area: Rectangle, view: &View, now: u64) {
    let slots = view.connectors().len().clamp(1, PER_PAGE) as u32;
    let size = Size::new(area.size.width, area.size.height / slots);
    let Some((_, form)) = FORMS.iter().find(|(height, _)| *height <= size.height) else {
        return;
    };
    let has_icon = size.width > 2 * ICON.width + form.number;
    if has_icon {
        let corner = area.top_left + Size::new(size.width - ICON.width, 0);
        scene.add(Part::Link {
            area: Rectangle::new(corner, ICON),
            link: view.link(),
        });
    }
    for (slot, connector) in (0..).zip(view.page(now)) {
        let corner = area.top_left + Size::new(0, slot * size.height);
        let icon = match slot == 0 && has_icon {
            true => ICON.width + 4,
            false => 0,
        };
        row(
            scene,
            Rectangle::new(corner, size),
            form,
            icon,
            (view, connector, now),
        );
    }
}

/// `icon` is what the first line has not of the width.
fn row(
    scene: &mut Scene,
    mut area: Rectangle,
    form: &Form,
    icon: u32,
    (view, connector, now): (&View, &Connector, u64),
) {
    let state = view.state(connector);
    let paint = Paint::Of(state.colour());
    // A pixel lies between two rows where there is one to spare.
    if area.size.height > 8 {
        area.size.height -= 1;
    }
    let width = form.number.min(area.size.width);
    let number = Rectangle::new(area.top_left, Size::new(width, area.size.height));
    scene.add(Part::Fill {
        area: number,
        paint,
    });
    let digits = inset_sides(&number);
    scene.text(
        digits,
        Align::Centre,
        &[Ten, Six, Five],
        Paint::Paper,
        connector.number(),
    );

    area.top_left.x += (width + 3) as i32;
    area.size.width = area.size.width.saturating_sub(width + 3);
    let (figure, elapsed) = session(view, connector, now);
    let lines: [&[Face]; 3] = [form.state, form.who, form.energy];
    let text = lines.iter().filter_map(|faces| faces.first());
    let text: u32 = text.map(|face| face.cell().height).sum();
    let mut free = area.size.height.saturating_sub(text);
    if free >= DASH_HEIGHT {
        area.size.height -= DASH_HEIGHT;
        free -= DASH_HEIGHT;
        if let Some(step) = step(view, connector, now) {
            let corner = area.top_left + Point::new(0, area.size.height as i32);
            scene.add(Part::Dashes {
                area: Rectangle::new(corner, Size::new(area.size.width, DASH_HEIGHT)),
                paint,
                step,
            });
        }
    }
    let gap = free / 3;
    let mut line = |faces: &[Face]| {
        let line = split_off(
            &mut area,
            faces.first().map_or(0, |face| face.cell().height),
        );
        split_off(&mut area, gap);
        line
    };
    let mut first = line(form.state);
    first.size.width = first.size.width.saturating_sub(icon);
    match (figure, form.energy) {
        // It takes turns with the state where there is no room for both.
        (Some(limit @ Figure::Limit(_)), _)
            if !has_room(first, form.state, state.text(), limit) =>
        {
            scene.text(first, Align::Left, form.state, paint, limit);
        }
        // With one line only, what has been taken is of more use than how fast.
        (None | Some(Figure::Power(_)), []) => {
            let energy = Some(connector.energy());
            scene.pair(first, form.state, paint, state.text(), energy);
        }
        _ => scene.pair(first, form.state, paint, state.text(), figure),
    }
    let second = line(form.who);
    scene.text(
        second,
        Align::Left,
        form.who,
        Paint::Ink,
        who(view, connector),
    );
    let third = line(form.energy);
    scene.pair(third, form.energy, Paint::Ink, connector.energy(), elapsed);
}

/// A pixel of the field stays round its number.
fn inset_sides(area: &Rectangle) -> Rectangle {
    let inner = inset(area, 1);
    Rectangle::new(
        Point::new(inner.top_left.x, area.top_left.y),
        Size::new(inner.size.width, area.size.height),
    )
}
