extern crate std;

use core::convert::Infallible;
use std::{string::String, vec, vec::Vec};

use embedded_graphics::{
    Pixel,
    geometry::{OriginDimensions, Point, Size},
    primitives::Rectangle,
};
use ocpp::{
    domain::{ChargePointError, IdToken, Status},
    station::{Event, TransactionState},
};
use view::{FIGURE_MS, Link, State};

use super::*;
use crate::part::Part;

/// Milliseconds of a step that can be seen here.
const STEP_MS: u64 = view::STEP_MS * view::STEPS / crate::part::STEPS as u64;

/// A display that takes no pixel beside it.
#[derive(Clone, PartialEq)]
struct Canvas {
    size: Size,
    pixels: Vec<Paint>,
}

impl Canvas {
    fn new(size: Size) -> Self {
        Self {
            size,
            pixels: vec![Paint::Ink; (size.width * size.height) as usize],
        }
    }

    fn of(scene: &Scene, size: Size) -> Self {
        let mut canvas = Self::new(size);
        let Ok(()) = scene.draw(&mut canvas);
        canvas
    }

    fn at(&self, at: Point) -> Paint {
        self.pixels[at.y as usize * self.size.width as usize + at.x as usize]
    }
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        self.size
    }
}

impl DrawTarget for Canvas {
    type Color = Paint;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Paint>>>(
        &mut self,
        pixels: I,
    ) -> Result<(), Infallible> {
        for Pixel(at, paint) in pixels {
            let display = Rectangle::new(Point::zero(), self.size);
            assert!(display.contains(at), "{at} is outside of {}", self.size);
            self.pixels[at.y as usize * self.size.width as usize + at.x as usize] = paint;
        }
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, paint: Paint) -> Result<(), Infallible> {
        if area.is_zero_sized() {
            return Ok(());
        }
        let (width, end) = (self.size.width as usize, area.top_left + area.size);
        let display = Rectangle::new(Point::zero(), self.size);
        assert_eq!(
            area.intersection(&display),
            *area,
            "outside of {}",
            self.size
        );
        for y in area.top_left.y..end.y {
            let row = y as usize * width;
            self.pixels[row + area.top_left.x as usize..row + end.x as usize].fill(paint);
        }
        Ok(())
    }
}

fn status(connector: u8, status: Status, error: ChargePointError) -> Event {
    Event::Status {
        connector,
        status,
        error,
    }
}

/// Both connectors in this status, in a transaction of the longest figures.
fn full(status_of_both: Status, error: ChargePointError) -> View {
    let mut view = View::new(2);
    view.set_address("2001:0db8:0000:0000:0000:ff00:255.255.255.255");
    for connector in [1, 2] {
        let id_tag = IdToken::try_from("ABCDEFGHIJKLMNOPQRST").unwrap();
        view.metered(connector, 0, 0);
        view.happened(
            0,
            &Event::Transaction {
                connector,
                state: TransactionState::Started,
                transaction_id: None,
                id_tag: Some(id_tag),
                reason: None,
            },
        );
        view.happened(0, &status(connector, status_of_both, error));
        view.metered(connector, i32::MAX, i32::MAX);
    }
    view
}

fn views() -> Vec<View> {
    let full = [
        (Status::Charging, ChargePointError::NoError),
        (Status::SuspendedEvse, ChargePointError::NoError),
        (Status::Faulted, ChargePointError::EvCommunicationError),
    ]
    .map(|(status, error)| full(status, error));
    let mut views = Vec::from(full);
    let mut pending = View::new(1);
    pending.set_link(Link::Pending);
    let mut online = View::new(2);
    online.set_link(Link::Online);
    views.extend([View::empty(), pending, online]);
    views
}

/// Widths and heights of every kind there is, and of none.
fn sizes() -> impl Iterator<Item = Size> {
    let widths = [
        0, 1, 5, 7, 8, 15, 16, 17, 32, 64, 84, 96, 97, 128, 149, 160, 239, 240, 241, 320, 400, 480,
    ];
    let heights = [
        0, 1, 7, 8, 9, 15, 16, 17, 18, 19, 31, 32, 36, 48, 62, 63, 64, 65, 80, 96, 128, 160, 199,
        200, 201, 240, 272, 320,
    ];
    widths
        .into_iter()
        .flat_map(move |width| heights.map(|height| Size::new(width, height)))
}

/// When an elapsed time is as long as it gets.
const LATE: u64 = 400 * 3_600_000;

fn texts(scene: &Scene) -> Vec<(String, Rectangle)> {
    let parts = scene.parts.iter();
    parts
        .filter_map(|part| match part {
            Part::Text {
                area, text, is_cut, ..
            } => {
                let mark = if *is_cut { "~" } else { "" };
                Some((std::format!("{text}{mark}"), *area))
            }
            _ => None,
        })
        .collect()
}

fn lines(size: Size, view: &View, now: u64) -> Vec<String> {
    let texts = texts(&Scene::of(size, view, now));
    texts.into_iter().map(|(text, _)| text).collect()
}

#[test]
fn every_size_is_drawn_within_its_bounds() {
    for view in views() {
        for size in sizes() {
            for now in [0, LATE, LATE + 3 * STEP_MS] {
                // The canvas takes no other pixel.
                let Ok(()) = draw(&mut Canvas::new(size), &view, now);
            }
        }
    }
}

#[test]
fn no_text_lies_on_another() {
    for view in views() {
        for size in sizes() {
            let texts = texts(&Scene::of(size, &view, LATE));
            for (at, (text, area)) in texts.iter().enumerate() {
                for (other, beside) in &texts[at + 1..] {
                    let both = area.intersection(beside);
                    assert!(
                        both.is_zero_sized(),
                        "{text} and {other} overlap at {size}: {both:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_part_draws_only_within_its_area() {
    let size = Size::new(320, 240);
    for view in views() {
        for size in [size, Size::new(128, 64), Size::new(160, 128)] {
            for now in (0..8).map(|step| LATE + step * STEP_MS) {
                for part in &Scene::of(size, &view, now).parts {
                    let mut canvas = Canvas::new(size);
                    let Ok(()) = part.draw(&mut canvas);
                    let display = Rectangle::new(Point::zero(), size);
                    let outside = embedded_graphics::primitives::PointsIter::points(&display)
                        .filter(|at| !part.area().contains(*at));
                    for at in outside {
                        assert_eq!(canvas.at(at), Paint::Ink, "{part:?} draws at {at}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_cut_with_a_mark_or_left_out() {
    let charging = full(Status::Charging, ChargePointError::NoError);
    let id_tag = "ABCDEFGHIJKLMNOPQRST";
    assert_eq!(
        lines(Size::new(128, 64), &charging, LATE)[..4],
        ["1", "Charging", id_tag, "2147483647 Wh"]
    );
    assert_eq!(
        lines(Size::new(64, 64), &charging, LATE)[..4],
        ["1", "Charg~", "ABCDEFGH~", "21474836~"]
    );
    // One line each.
    assert_eq!(
        lines(Size::new(96, 16), &View::new(2), 0),
        ["1", "Idle", "0 Wh", "2", "Idle", "0 Wh"]
    );
    assert_eq!(
        lines(Size::new(64, 16), &charging, LATE),
        ["1", "Charging", "2", "Charging"]
    );
    assert_eq!(lines(Size::new(128, 7), &charging, LATE), [""; 0]);
}

#[test]
fn the_mark_is_three_dots_in_the_place_of_a_character() {
    let size = Size::new(64, 64);
    let charging = full(Status::Charging, ChargePointError::NoError);
    let scene = Scene::of(size, &charging, LATE);
    let cut = |part: &&Part| matches!(part, Part::Text { is_cut: true, .. });
    let area = scene.parts.iter().find(cut).unwrap().area();
    let canvas = Canvas::of(&scene, size);
    let cell = (area.size.width - 5..area.size.width).map(|x| {
        let column = (0..area.size.height).map(|y| area.top_left + Size::new(x, y));
        column.filter(|at| canvas.at(*at) != Paint::Paper).count()
    });
    assert_eq!(cell.collect::<Vec<_>>(), [1, 0, 1, 0, 1]);
}

#[test]
fn states_are_whole_where_two_connectors_are_meant_to_fit() {
    for size in [Size::new(128, 64), Size::new(320, 240), Size::new(480, 272)] {
        for state in State::ALL {
            let statuses = [
                Status::Available,
                Status::Preparing,
                Status::Charging,
                Status::SuspendedEv,
                Status::SuspendedEvse,
                Status::Finishing,
                Status::Reserved,
                Status::Unavailable,
                Status::Faulted,
            ];
            let mut view = View::new(2);
            let status = statuses.into_iter().find(|status| {
                view = View::new(2);
                view.happened(0, &self::status(1, *status, ChargePointError::NoError));
                view.state(&view.connectors()[0]) == state
            });
            if status.is_none() {
                assert_eq!(state, State::Authorizing);
                view = View::new(2);
                view.authorizing(1, &IdToken::try_from("ZepId00").unwrap());
            }
            let lines = lines(size, &view, 0);
            assert!(lines.iter().any(|line| line == state.text()), "{lines:?}");
        }
    }
}

#[test]
fn addresses_are_whole_on_colour_displays() {
    let mut view = View::new(2);
    let size = Size::new(320, 240);
    for address in [
        "255.255.255.255",
        "2001:0db8:0000:0000:0000:ff00:255.255.255.255",
    ] {
        view.set_address(address);
        assert!(lines(size, &view, 0).iter().any(|line| line == address));
    }
}

#[test]
fn only_charging_moves() {
    for size in [Size::new(128, 64), Size::new(320, 240)] {
        let scene = |view: &View, now| Scene::of(size, view, now);
        let charging = full(Status::Charging, ChargePointError::NoError);
        // Within a second, so that only the step differs.
        let (one, other) = (scene(&charging, 0), scene(&charging, STEP_MS));
        assert!(!other.damage(&one).is_zero_sized());
        assert_ne!(
            Canvas::of(&one, size).pixels,
            Canvas::of(&other, size).pixels
        );
        assert!(one.damage(&scene(&charging, STEP_MS - 1)).is_zero_sized());
        let suspended = full(Status::SuspendedEvse, ChargePointError::NoError);
        assert_eq!(scene(&suspended, 0), scene(&suspended, STEP_MS));
    }
}

/// What was there and the damage drawn over it are together what is there now.
#[test]
fn nothing_has_changed_outside_of_the_damage() {
    let mut moments: Vec<(View, u64)> = views().into_iter().map(|view| (view, LATE)).collect();
    let charging = moments[0].0.clone();
    moments.extend([(charging.clone(), LATE + STEP_MS), (charging, LATE + 1_000)]);
    for size in [Size::new(128, 64), Size::new(320, 240), Size::new(96, 16)] {
        for (before, then) in &moments {
            for (view, now) in &moments {
                let before = Scene::of(size, before, *then);
                let scene = Scene::of(size, view, *now);
                let damage = scene.damage(&before);
                let (old, new) = (Canvas::of(&before, size), Canvas::of(&scene, size));
                let display = Rectangle::new(Point::zero(), size);
                for at in embedded_graphics::primitives::PointsIter::points(&display) {
                    assert!(damage.contains(at) || old.at(at) == new.at(at), "{at}");
                }
            }
        }
    }
    let small = Scene::of(Size::new(96, 16), &View::new(2), 0);
    let large = Scene::of(Size::new(128, 64), &View::new(2), 0);
    assert_eq!(large.damage(&small).size, Size::new(128, 64));
}

#[test]
fn the_damage_of_one_connector_leaves_the_other_alone() {
    let size = Size::new(320, 240);
    let idle = View::new(2);
    let mut authorizing = idle.clone();
    authorizing.authorizing(2, &IdToken::try_from("ZepId00").unwrap());
    let before = Scene::of(size, &idle, 0);
    let damage = Scene::of(size, &authorizing, 0).damage(&before);
    assert!(
        damage.top_left.x > 160 && damage.top_left.y > 40,
        "{damage:?}"
    );
}

/// In strips of whatever memory there is, a picture is the same as in one piece.
#[test]
fn strips_make_the_whole_picture() {
    let monochrome = |is_vertical| Format::Monochrome {
        lit: true,
        is_vertical,
        is_msb_first: false,
    };
    for (size, format) in [
        (Size::new(128, 64), monochrome(true)),
        (Size::new(128, 64), monochrome(false)),
        (Size::new(320, 240), Format::Rgb565),
        (Size::new(320, 240), Format::Argb8888),
    ] {
        let display = Rectangle::new(Point::zero(), size);
        for view in views() {
            let scene = Scene::of(size, &view, LATE);
            let mut whole = vec![0x5a; format.bytes(size)];
            let mut strip = Strip::new(display, format, &mut whole).unwrap();
            let Ok(()) = scene.draw(&mut strip);

            for memory in [1_280, 5_000, format.bytes(size)] {
                let mut bytes = vec![0xa5; memory];
                let mut pieces = Vec::new();
                for area in format.strips(display, memory) {
                    let mut strip = Strip::new(area, format, &mut bytes).unwrap();
                    let Ok(()) = scene.draw(&mut strip);
                    pieces.extend_from_slice(strip.bytes());
                }
                assert!(pieces == whole, "{format:?} in {memory} bytes differs");
            }
        }
    }
}

#[test]
fn reservations_and_limits_are_shown_on_displays_of_all_sizes() {
    for (width, height) in [
        (128, 64),
        (128, 32),
        (96, 16),
        (64, 16),
        (122, 250),
        (320, 240),
        (480, 272),
    ] {
        let size = Size::new(width, height);
        let mut view = View::new(2);
        view.happened(0, &status(2, Status::Reserved, ChargePointError::NoError));
        view.happened(0, &status(1, Status::Charging, ChargePointError::NoError));
        view.set_limit(1, Some(160));
        view.metered(1, 0, 3_000);
        let shown = |view: &View, now| lines(size, view, now);
        let has = |lines: &[String], text: &str| lines.iter().any(|line| line == text);
        let limited = shown(&view, FIGURE_MS);
        assert!(
            has(&limited, "max 16 A") && has(&limited, "Reserved"),
            "{size}: {limited:?}"
        );
        assert!(!has(&shown(&view, 0), "max 16 A"), "in turns");
        view.set_limit(1, None);
        assert!(!has(&shown(&view, FIGURE_MS), "max 16 A"));
    }
}
