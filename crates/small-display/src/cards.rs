//! A header and two cards side by side, for displays from 240x200 on.

use embedded_graphics::{geometry::Size, primitives::Rectangle};
use view::{Connector, PER_PAGE, View};

use crate::{
    face::Face::{Five, NineBold, Seven, SevenBold, Six, Ten},
    paint::Paint,
    part::{ICON, Part, centred, inset, split_off, split_off_right},
    scene::{Align, Scene, session, step, who},
};

const SMALLEST: Size = Size::new(240, 200);
const MARGIN: u32 = 6;
/// Of each of the header's two lines.
const HEADER_LINE: u32 = 17;

/// Whether there is room for them.
pub fn fit(size: Size) -> bool {
    size.width >= SMALLEST.width && size.height >= SMALLEST.height
}

/// Adds the header, and the connectors of the page.
pub fn lay(scene: &mut Scene, area: Rectangle, view: &View, now: u64) {
    let mut rest = inset(&area, MARGIN);
    header(scene, split_off(&mut rest, 2 * HEADER_LINE), view);
    split_off(&mut rest, MARGIN);

    let slots = view.connectors().len().clamp(1, PER_PAGE) as u32;
    let width = (rest.size.width - (slots - 1) * MARGIN) / slots;
    for (slot, connector) in (0..).zip(view.page(now)) {
        let corner = rest.top_left + Size::new(slot * (width + MARGIN), 0);
        let area = Rectangle::new(corner, Size::new(width, rest.size.height));
        card(scene, area, (view, connector, now));
    }
}

/// Title and connection, and below them the address.
fn header(scene: &mut Scene, mut area: Rectangle, view: &View) {
    let link = view.link();
    let mut line = split_off(&mut area, HEADER_LINE);
    // The longest word has room beside the title in every width.
    let word = Seven.cell().width * link.text().len() as u32;
    let word = split_off_right(&mut line, word);
    let paint = Paint::Of(link.colour());
    scene.text(word, Align::Right, &[Seven], paint, link.text());
    split_off_right(&mut line, MARGIN);
    let icon = split_off_right(&mut line, ICON.width);
    scene.add(Part::Link {
        area: centred(ICON, &icon),
        link,
    });
    split_off_right(&mut line, MARGIN);
    let faces = [NineBold, SevenBold, Six];
    let title = "OCPP Charge Point";
    scene.text(line, Align::Left, &faces, Paint::Ink, title);
    let faces = [Seven, Six, Five];
    scene.text(area, Align::Left, &faces, Paint::Ink, view.address());
}

fn card(scene: &mut Scene, area: Rectangle, (view, connector, now): (&View, &Connector, u64)) {
    let state = view.state(connector);
    let paint = Paint::Of(state.colour());
    scene.add(Part::Frame {
        area,
        paint: Paint::Line,
    });
    let mut rest = inset(&area, MARGIN);
    let lines = [16, 16, 22, 16];
    let text: u32 = lines.iter().sum();
    let dial = rest.size.height.saturating_sub(text);
    let dial = split_off(&mut rest, dial);
    let side = dial.size.width.min(dial.size.height.saturating_sub(MARGIN));
    let ring = centred(Size::new(side, side), &dial);
    scene.add(Part::Ring {
        area: ring,
        paint,
        step: step(view, connector, now),
    });
    let number = inset(&ring, side / 4);
    let faces = [Ten, Six];
    scene.text(
        number,
        Align::Centre,
        &faces,
        Paint::Ink,
        connector.number(),
    );

    let [first, second, third, fourth] = lines.map(|height| split_off(&mut rest, height));
    let faces = [NineBold, SevenBold, Six];
    scene.text(first, Align::Centre, &faces, paint, state.text());
    let faces = [Seven, Six, Five];
    scene.text(
        second,
        Align::Centre,
        &faces,
        Paint::Ink,
        who(view, connector),
    );
    let faces = [Ten, Seven, Six];
    scene.text(third, Align::Centre, &faces, Paint::Ink, connector.energy());
    let (figure, elapsed) = session(view, connector, now);
    match figure {
        Some(figure) => scene.pair(fourth, &[Seven, Six, Five], Paint::Ink, figure, elapsed),
        None => scene.pair(fourth, &[Seven, Six, Five], Paint::Ink, "", elapsed),
    }
}
