//! Characters that are nothing to see.

/// True for a character that a terminal or a display acts upon, or that hides what a text says: control characters
/// (C0, DEL, C1), bidirectional ones, separators of lines, and all that are invisible. Texts of others are shown
/// with something else in its place.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
