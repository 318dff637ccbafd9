//! The drawing is, pixel for pixel, that of the pictures in the repository.
#![allow(clippy::restriction)] // What fails here may panic.

#[path = "../examples/pictures/states.rs"]
mod states;

use std::{fs, io::Cursor, path::Path};

const RENEW: &str = "cargo run -p small-display --example pictures -- docs/pictures/small-display";

/// Width, and red, green and blue of each pixel.
fn decoded(file: &[u8]) -> (usize, Vec<[u8; 3]>) {
    let mut reader = png::Decoder::new(Cursor::new(file)).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut bytes).unwrap();
    assert_eq!(frame.color_type, png::ColorType::Rgb);
    let (pixels, []) = bytes.as_chunks() else {
        panic!("half a pixel");
    };
    (frame.width as usize, pixels.to_vec())
}

#[test]
fn pictures_in_the_repository_are_what_is_drawn() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/pictures/small-display");
    let mut known = Vec::new();
    let mut wrong = Vec::new();
    for picture in states::pictures() {
        let name = picture.file();
        let drawn = decoded(&picture.png().unwrap());
        match fs::read(folder.join(&name)) {
            Ok(file) => wrong.extend(
                difference(&drawn, &decoded(&file))
                    .map(|difference| format!("{name}: {difference}")),
            ),
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
        known.push(name);
    }
    for file in fs::read_dir(&folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        if !known.contains(&name) {
            wrong.push(format!("{name}: nothing draws it"));
        }
    }
    let wrong = wrong.join("\n");
    assert!(wrong.is_empty(), "{wrong}\nIf it is meant so: {RENEW}");
}

type Pixels = (usize, Vec<[u8; 3]>);

fn difference((width, drawn): &Pixels, (its_width, file): &Pixels) -> Option<String> {
    if width != its_width || drawn.len() != file.len() {
        return Some("another size".into());
    }
    let places = drawn.iter().zip(file).enumerate();
    let differing: Vec<_> = places.filter(|(_, (drawn, file))| drawn != file).collect();
    let (at, (drawn, file)) = differing.first()?;
    Some(format!(
        "{} pixels differ, the first at ({}, {}): {drawn:02x?} is drawn, {file:02x?} is in the file",
        differing.len(),
        at % width,
        at / width,
    ))
}

#[test]
fn every_difference_is_found() {
    let same = (2, vec![[1; 3], [2; 3], [3; 3], [4; 3]]);
    let mut other = same.clone();
    assert_eq!(difference(&same, &other), None);
    other.1[3] = [5; 3];
    let found = difference(&same, &other).unwrap();
    assert!(
        found.starts_with("1 pixels differ, the first at (1, 1)"),
        "{found}"
    );
    assert_eq!(
        difference(&same, &(4, same.1.clone())).unwrap(),
        "another size"
    );
}
