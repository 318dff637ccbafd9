//! The whole picture: a header, and the cards of the connectors on this page.

use heapless::Vec;
use view::{PER_PAGE, View};

use super::{
    card::Card,
    colour,
    layout::Layout,
    lv::{Align, Font, Label, Lvgl},
};

/// All that is on the display.
pub struct Screen<'l> {
    link: Label<'l>,
    address: Label<'l>,
    cards: Vec<Card<'l>, PER_PAGE>,
}

impl<'l> Screen<'l> {
    /// Lays it out for as many connectors as the view has; nothing when memory is short.
    pub fn new(lvgl: &'l Lvgl, view: &View) -> Option<Self> {
        let count = view.connectors().len().min(PER_PAGE);
        let layout = Layout::new(lvgl.resolution(), i32::try_from(count).ok()?);
        let screen = lvgl.screen()?;
        screen.fill(colour::BACKGROUND);

        let header = screen.add_card(&layout)?;
        header.place(layout.header, Align::TopLeft, (layout.gap, layout.gap));
        // As wide as an IPv4 address is, where the title is as wide as it is.
        let inside = layout.inside(layout.header.0);
        let (left, right) = (inside * 3 / 5, inside * 2 / 5);
        let gap = layout.gap;
        let mut title = Label::new(header, Font::title(), left, Align::Left, (gap, 0))?;
        title.show(format_args!("OCPP Charge Point"), colour::TEXT);
        let label = |align, y| Label::new(header, Font::body(), right, align, (-gap, y));
        let link = label(Align::TopRight, gap / 2)?;
        let address = label(Align::BottomRight, -gap / 2)?;

        let mut cards = Vec::new();
        for number in (0..).take(count) {
            cards.push(Card::new(screen, &layout, number)?).ok()?;
        }
        Some(Self {
            link,
            address,
            cards,
        })
    }

    /// Shows the view as it is at a time (monotonic milliseconds).
    pub fn show(&mut self, view: &View, now: u64) {
        let link = view.link();
        self.link
            .show(format_args!("{}", link.text()), link.colour());
        self.address
            .show(format_args!("{}", view.address()), colour::TEXT);
        let mut page = view.page(now).iter();
        for card in &mut self.cards {
            card.show(view, page.next(), now);
        }
    }
}
