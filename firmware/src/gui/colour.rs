//! Colours that say nothing; those that do are the view's.

use view::Colour;

/// Between the cards.
pub const BACKGROUND: Colour = Colour {
    red: 0xe8,
    green: 0xea,
    blue: 0xed,
};
/// Of the cards.
pub const CARD: Colour = Colour {
    red: 0xff,
    green: 0xff,
    blue: 0xff,
};
/// Around the cards.
pub const EDGE: Colour = Colour {
    red: 0xbd,
    green: 0xc1,
    blue: 0xc6,
};
/// Text, on any of them.
pub const TEXT: Colour = Colour {
    red: 0x20,
    green: 0x21,
    blue: 0x24,
};
