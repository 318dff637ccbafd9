//! Fonts, and how much of a text they take.

use embedded_graphics::{
    geometry::Size,
    mono_font::{
        MonoFont,
        ascii::{FONT_5X8, FONT_6X10, FONT_7X13, FONT_7X13_BOLD, FONT_9X15_BOLD, FONT_10X20},
    },
};

/// A font, by the width and height of its characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// 5x8
    Five,
    /// 6x10
    Six,
    /// 7x13
    Seven,
    /// 7x13, bold
    SevenBold,
    /// 9x15, bold
    NineBold,
    /// 10x20
    Ten,
}

impl Face {
    pub const fn font(self) -> &'static MonoFont<'static> {
        match self {
            Self::Five => &FONT_5X8,
            Self::Six => &FONT_6X10,
            Self::Seven => &FONT_7X13,
            Self::SevenBold => &FONT_7X13_BOLD,
            Self::NineBold => &FONT_9X15_BOLD,
            Self::Ten => &FONT_10X20,
        }
    }

    /// Of one character.
    pub const fn cell(self) -> Size {
        self.font().character_size
    }

    /// How many characters stand side by side in a width.
    pub const fn fit(self, width: u32) -> usize {
        (width / self.cell().width) as usize
    }

    /// The first of these faces in which a text of that many characters fits into the space whole,
    /// or the last one that is not too high.
    pub fn choose(faces: &[Self], characters: usize, space: Size) -> Option<Self> {
        let mut flat = faces
            .iter()
            .copied()
            .filter(|face| face.cell().height <= space.height);
        let whole = flat
            .clone()
            .find(|face| characters <= face.fit(space.width));
        whole.or_else(|| flat.next_back())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_face_that_fits_is_chosen() {
        let choose = |characters, width, height| {
            let faces = [Face::Ten, Face::Seven, Face::Five];
            Face::choose(&faces, characters, Size::new(width, height))
        };
        assert_eq!(choose(5, 50, 20), Some(Face::Ten));
        assert_eq!(choose(5, 49, 20), Some(Face::Seven));
        assert_eq!(choose(5, 50, 19), Some(Face::Seven));
        assert_eq!(choose(9, 30, 20), Some(Face::Five));
        assert_eq!(choose(5, 50, 7), None);
    }
}
