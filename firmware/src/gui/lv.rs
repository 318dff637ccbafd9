//! LVGL, as far as it is used here, without `unsafe` for those who use it.
//!
//! LVGL may be called by one thread at a time. Who has the [`Lvgl`] calls it: objects borrow it,
//! and are not `Send`. They are never deleted, so that a pointer to one is always good.

use core::{
    cell::Cell,
    fmt::Arguments,
    marker::PhantomData,
    ptr::NonNull,
    sync::atomic::{AtomicBool, Ordering},
};

use view::Colour;

use super::{colour, layout::Layout};
use crate::text::Line;

#[allow(
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    dead_code,
    clippy::all,
    clippy::undocumented_unsafe_blocks,
    reason = "bindgen's"
)]
mod c {
    include!(concat!(env!("OUT_DIR"), "/lvgl.rs"));
}

/// Longest text of a label in bytes, with the zero behind it.
const TEXT: usize = 64;

/// The library, initialised.
pub struct Lvgl {
    // Not Sync.
    one_thread: PhantomData<Cell<()>>,
}

impl Lvgl {
    /// Initialises it with the display, once.
    ///
    /// # Errors
    ///
    /// What Zephyr says, as a negative errno.
    pub fn init() -> Result<Self, i32> {
        static DONE: AtomicBool = AtomicBool::new(false);
        if DONE.swap(true, Ordering::AcqRel) {
            return Err(ALREADY);
        }
        // SAFETY: no other thread calls LVGL, for this is the first call.
        match unsafe { c::lvgl_init() } {
            0 => Ok(Self {
                one_thread: PhantomData,
            }),
            error => Err(error),
        }
    }

    /// Width and height of the display in pixels.
    pub fn resolution(&self) -> (i32, i32) {
        // SAFETY: one thread; initialisation has made the display, and null would be answered
        // with the size of none.
        unsafe {
            let display = c::lv_display_get_default();
            (
                c::lv_display_get_horizontal_resolution(display),
                c::lv_display_get_vertical_resolution(display),
            )
        }
    }

    /// The screen that is shown.
    pub fn screen(&self) -> Option<Object<'_>> {
        // SAFETY: one thread.
        Object::new(self, unsafe { c::lv_screen_active() })
    }

    /// Draws what has changed.
    pub fn draw(&self) {
        // SAFETY: one thread, and not in a callback of LVGL.
        unsafe { c::lv_timer_handler() };
    }
}

/// EALREADY.
const ALREADY: i32 = -120;

/// A font that is linked into the image.
#[derive(Clone, Copy)]
pub struct Font(&'static c::lv_font_t);

impl Font {
    /// For headings and figures.
    pub fn title() -> Self {
        // SAFETY: a constant of LVGL.
        Self(unsafe { &c::TITLE })
    }

    /// For all else.
    pub fn body() -> Self {
        // SAFETY: as above.
        Self(unsafe { &c::BODY })
    }

    /// Height of a line in pixels.
    pub fn line(self) -> i32 {
        // SAFETY: reads the font.
        unsafe { c::lv_font_get_line_height(self.0) }
    }
}

/// Where in its parent an object is.
#[derive(Clone, Copy, Debug)]
pub enum Align {
    /// At the upper edge.
    Top,
    /// At the lower edge.
    Bottom,
    /// In the upper left corner.
    TopLeft,
    /// In the upper right corner.
    TopRight,
    /// At the left edge.
    Left,
    /// In the lower right corner.
    BottomRight,
}

impl Align {
    fn code(self) -> c::lv_align_t {
        match self {
            Self::Top => c::LV_ALIGN_TOP_MID,
            Self::Bottom => c::LV_ALIGN_BOTTOM_MID,
            Self::TopLeft => c::LV_ALIGN_TOP_LEFT,
            Self::TopRight => c::LV_ALIGN_TOP_RIGHT,
            Self::Left => c::LV_ALIGN_LEFT_MID,
            Self::BottomRight => c::LV_ALIGN_BOTTOM_RIGHT,
        }
    }

    fn of_text(self) -> c::lv_text_align_t {
        match self {
            Self::Top | Self::Bottom => c::LV_TEXT_ALIGN_CENTER,
            Self::TopLeft | Self::Left => c::LV_TEXT_ALIGN_LEFT,
            Self::TopRight | Self::BottomRight => c::LV_TEXT_ALIGN_RIGHT,
        }
    }
}

/// A rectangle, and whatever LVGL makes of one.
#[derive(Clone, Copy)]
pub struct Object<'l> {
    pointer: NonNull<c::lv_obj_t>,
    lvgl: &'l Lvgl,
}

impl<'l> Object<'l> {
    fn new(lvgl: &'l Lvgl, pointer: *mut c::lv_obj_t) -> Option<Self> {
        let pointer = NonNull::new(pointer)?;
        Some(Self { pointer, lvgl })
    }

    /// A card in it; nothing when memory is short.
    pub fn add_card(self, layout: &Layout) -> Option<Object<'l>> {
        // SAFETY: one thread; the parent is there.
        let card = Self::new(self.lvgl, unsafe { c::lv_obj_create(self.raw()) })?;
        card.fill(colour::CARD);
        // SAFETY: one thread; the object is there.
        unsafe {
            c::lv_obj_remove_flag(card.raw(), c::LV_OBJ_FLAG_SCROLLABLE);
            c::lv_obj_set_style_radius(card.raw(), layout.radius, c::LV_PART_MAIN);
            c::lv_obj_set_style_border_color(card.raw(), color(colour::EDGE), c::LV_PART_MAIN);
            c::lv_obj_set_style_border_width(card.raw(), 1, c::LV_PART_MAIN);
        }
        Some(card)
    }

    /// Fills it with a colour.
    pub fn fill(self, colour: Colour) {
        // SAFETY: one thread; the object is there.
        unsafe {
            c::lv_obj_set_style_bg_color(self.raw(), color(colour), c::LV_PART_MAIN);
            c::lv_obj_set_style_bg_opa(self.raw(), u8::MAX, c::LV_PART_MAIN);
        }
    }

    /// Its size in pixels, and where in its parent it is, so many pixels to the right and down
    /// from there.
    pub fn place(self, size: (i32, i32), align: Align, offset: (i32, i32)) {
        // SAFETY: one thread; the object is there.
        unsafe {
            c::lv_obj_set_size(self.raw(), size.0, size.1);
            c::lv_obj_align(self.raw(), align.code(), offset.0, offset.1);
        }
    }

    /// Shows or hides it with all that is in it.
    pub fn set_visible(self, visible: bool) {
        // SAFETY: one thread; the object is there.
        unsafe { c::lv_obj_set_flag(self.raw(), c::LV_OBJ_FLAG_HIDDEN, !visible) };
    }

    fn raw(self) -> *mut c::lv_obj_t {
        self.pointer.as_ptr()
    }
}

/// A line of text.
pub struct Label<'l> {
    object: Object<'l>,
    shown: Line<TEXT>,
    colour: Option<Colour>,
}

impl<'l> Label<'l> {
    /// One without text, `width` pixels wide; what does not fit ends in dots.
    pub fn new(
        parent: Object<'l>,
        font: Font,
        width: i32,
        align: Align,
        offset: (i32, i32),
    ) -> Option<Self> {
        // SAFETY: one thread; the parent is there.
        let label = unsafe { c::lv_label_create(parent.raw()) };
        let object = Object::new(parent.lvgl, label)?;
        // SAFETY: one thread; the object is there, a label, and the font lives as long as it.
        unsafe {
            c::lv_label_set_long_mode(object.raw(), c::LV_LABEL_LONG_MODE_DOTS);
            c::lv_label_set_text(object.raw(), c"".as_ptr());
            c::lv_obj_set_style_text_font(object.raw(), font.0, c::LV_PART_MAIN);
            c::lv_obj_set_style_text_align(object.raw(), align.of_text(), c::LV_PART_MAIN);
        }
        object.place((width, font.line()), align, offset);
        Some(Self {
            object,
            shown: Line::new(),
            colour: None,
        })
    }

    /// Shows this text; of one that is too long, or has a zero in it, as much as there is room.
    pub fn show(&mut self, text: Arguments<'_>, colour: Colour) {
        let wanted = Line::of(text);
        if self.shown != wanted {
            // SAFETY: one thread; the object is there, a label, and copies the text.
            unsafe { c::lv_label_set_text(self.object.raw(), wanted.as_ptr()) };
            self.shown = wanted;
        }
        if self.colour != Some(colour) {
            self.colour = Some(colour);
            // SAFETY: one thread; the object is there.
            unsafe {
                c::lv_obj_set_style_text_color(self.object.raw(), color(colour), c::LV_PART_MAIN);
            }
        }
    }
}

/// Part of a ring on a pale ring, from the top clockwise.
pub struct Arc<'l> {
    object: Object<'l>,
    shown: Option<(Colour, i32, i32)>,
}

impl<'l> Arc<'l> {
    /// The ring of a card; nothing when memory is short.
    pub fn new(parent: Object<'l>, layout: &Layout) -> Option<Self> {
        // SAFETY: one thread; the parent is there.
        let arc = unsafe { c::lv_arc_create(parent.raw()) };
        let object = Object::new(parent.lvgl, arc)?;
        // SAFETY: one thread; the object is there, and an arc.
        unsafe {
            // Fingers turn it otherwise.
            c::lv_obj_remove_flag(object.raw(), c::LV_OBJ_FLAG_CLICKABLE);
            c::lv_arc_set_rotation(object.raw(), TOP);
            c::lv_arc_set_bg_angles(object.raw(), 0, FULL);
            c::lv_obj_set_style_arc_opa(object.raw(), PALE, c::LV_PART_MAIN);
            for part in [c::LV_PART_MAIN, c::LV_PART_INDICATOR] {
                c::lv_obj_set_style_arc_width(object.raw(), layout.ring_width, part);
            }
        }
        let size = (layout.ring, layout.ring);
        object.place(size, Align::Top, (0, layout.above));
        Some(Self {
            object,
            shown: None,
        })
    }

    /// From one angle to another, in degrees from the top; 360 degrees are all of it.
    pub fn show(&mut self, colour: Colour, from: i32, to: i32) {
        let (shown_colour, angles) = match self.shown {
            Some((colour, from, to)) => (Some(colour), Some((from, to))),
            None => (None, None),
        };
        // SAFETY: one thread; the object is there, and an arc.
        unsafe {
            if shown_colour != Some(colour) {
                for part in [c::LV_PART_MAIN, c::LV_PART_INDICATOR] {
                    c::lv_obj_set_style_arc_color(self.object.raw(), color(colour), part);
                }
            }
            if angles != Some((from, to)) {
                c::lv_arc_set_angles(self.object.raw(), from, to);
            }
        }
        self.shown = Some((colour, from, to));
    }
}

/// LVGL's 0 degrees are at the right.
const TOP: i32 = 270;
const FULL: i32 = 360;
/// Of 255.
const PALE: u8 = 40;

fn color(colour: Colour) -> c::lv_color_t {
    let Colour { red, green, blue } = colour;
    c::lv_color_t { blue, green, red }
}
