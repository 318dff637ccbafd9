//! The card of a connector.

use view::{Connector, STEPS, State, View};

use super::{
    colour,
    layout::Layout,
    lv::{Align, Arc, Font, Label, Object},
};

/// The state above a ring, in which it says whose it is and how much was taken; below it who takes
/// it, and how that goes.
pub struct Card<'l> {
    card: Object<'l>,
    state: Label<'l>,
    ring: Arc<'l>,
    number: Label<'l>,
    energy: Label<'l>,
    id_tag: Label<'l>,
    detail: Label<'l>,
}

/// Degrees of the ring that go round while something is under way.
const PIECE: i32 = 90;
const FULL: i32 = 360;

impl<'l> Card<'l> {
    /// The card at this place, counted from 0; nothing when memory is short.
    pub fn new(screen: Object<'l>, layout: &Layout, place: i32) -> Option<Self> {
        let card = screen.add_card(layout)?;
        card.place(layout.card, Align::TopLeft, layout.card_at(place));
        let (title, body) = (Font::title(), Font::body());
        let (gap, line) = (layout.gap, layout.line);
        let label = |font, width, align, y| Label::new(card, font, width, align, (0, y));
        let wide = layout.inside(layout.card.0);
        let chord = layout.ring - 3 * layout.ring_width;
        // Two lines in the middle of the ring.
        let first = layout.above + (layout.ring - line - title.line()) / 2;
        Some(Self {
            card,
            state: label(title, wide, Align::Top, gap)?,
            ring: Arc::new(card, layout)?,
            number: label(body, chord, Align::Top, first)?,
            energy: label(title, chord, Align::Top, first + line)?,
            id_tag: label(body, wide, Align::Bottom, -gap - line)?,
            detail: label(body, wide, Align::Bottom, -gap)?,
        })
    }

    /// Shows a connector as it is at a time (monotonic milliseconds), or nothing.
    pub fn show(&mut self, view: &View, connector: Option<&Connector>, now: u64) {
        self.card.set_visible(connector.is_some());
        let Some(connector) = connector else {
            return;
        };
        let state = view.state(connector);
        let number = connector.number();
        self.number
            .show(format_args!("Connector {number}"), colour::TEXT);
        self.state
            .show(format_args!("{}", state.text()), state.colour());
        self.energy
            .show(format_args!("{}", connector.energy()), colour::TEXT);
        self.id_tag
            .show(format_args!("{}", connector.id_tag()), colour::TEXT);
        self.show_detail(view, connector, now);
        let (from, to) = angles(view.share(connector, now), view.step(connector, now));
        self.ring.show(state.colour(), from, to);
    }

    /// What is wrong, or how charging goes.
    fn show_detail(&mut self, view: &View, connector: &Connector, now: u64) {
        if let Some(error) = view.error(connector) {
            let colour = State::Error.colour();
            return self.detail.show(format_args!("{}", error.as_str()), colour);
        }
        let is_session = view.state(connector).is_session();
        let elapsed = connector.elapsed(now).filter(|_| is_session);
        match (view.figure(connector, now), elapsed) {
            (Some(figure), Some(elapsed)) => self
                .detail
                .show(format_args!("{figure}   {elapsed}"), colour::TEXT),
            (None, Some(elapsed)) => self.detail.show(format_args!("{elapsed}"), colour::TEXT),
            _ => self.detail.show(format_args!(""), colour::TEXT),
        }
    }
}

/// Which part of the ring is drawn: the share that is charged, where that is known; else a piece
/// of it goes round while something is under way, always of the same length, and otherwise it is
/// whole.
fn angles(share: Option<u32>, step: Option<u64>) -> (i32, i32) {
    let share = share.and_then(|share| i32::try_from(share).ok());
    let step = step.and_then(|step| i32::try_from(step).ok());
    match (share, step) {
        (Some(share), _) => (0, FULL * share / 1000),
        (None, Some(step)) => {
            let from = FULL * step / STEPS as i32;
            (from, (from + PIECE) % FULL)
        }
        (None, None) => (0, FULL),
    }
}
