//! How large everything is: from the size of the display and of the text.

use super::lv::Font;

/// Sizes and places in pixels.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Between all things, and between them and what they are in.
    pub gap: i32,
    /// Of the corners of cards.
    pub radius: i32,
    /// Height of a line of the text that is for all but headings and figures.
    pub line: i32,
    /// Size of the card at the top.
    pub header: (i32, i32),
    /// Size of each card below it.
    pub card: (i32, i32),
    /// How far below the upper edge of a card its ring is.
    pub above: i32,
    /// Diameter of the ring.
    pub ring: i32,
    /// How thick the ring is.
    pub ring_width: i32,
}

impl Layout {
    /// For a display of this size, with `cards` side by side below the header.
    pub fn new((width, height): (i32, i32), cards: i32) -> Self {
        let cards = cards.max(1);
        let line = Font::body().line();
        let gap = line / 2;
        let header = (width - 2 * gap, 2 * line + gap);
        let card = (
            (width - (cards + 1) * gap) / cards,
            height - header.1 - 3 * gap,
        );
        // A heading above it and two lines below.
        let above = 2 * gap + Font::title().line();
        let ring = (card.0 - 2 * gap).min(card.1 - above - 2 * line - 2 * gap);
        Self {
            gap,
            radius: gap,
            line,
            header,
            card,
            above,
            ring,
            ring_width: ring / 14,
        }
    }

    /// The upper left corner of a card, counted from 0.
    pub fn card_at(&self, card: i32) -> (i32, i32) {
        let x = self.gap + card * (self.card.0 + self.gap);
        (x, self.header.1 + 2 * self.gap)
    }

    /// What is left of a width between two gaps.
    pub fn inside(&self, width: i32) -> i32 {
        width - 2 * self.gap
    }
}
