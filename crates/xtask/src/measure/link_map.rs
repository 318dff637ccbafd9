//! The linker's map: every piece of the image after garbage collection, and where it came from.

use std::fmt;

/// Where a piece is and what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Text,
    Rodata,
    /// In RAM, and in flash what initialises it.
    Data,
    Bss,
    /// In RAM, never initialised: stacks.
    Noinit,
}

impl Kind {
    pub const ALL: [Self; 5] = [
        Self::Text,
        Self::Rodata,
        Self::Data,
        Self::Bss,
        Self::Noinit,
    ];

    pub fn is_in_flash(self) -> bool {
        matches!(self, Self::Text | Self::Rodata | Self::Data)
    }

    pub fn is_in_ram(self) -> bool {
        matches!(self, Self::Data | Self::Bss | Self::Noinit)
    }

    /// By the addresses of an STM32, whose debug sections lie below all memory.
    fn of(section: &str, address: u64) -> Option<Self> {
        Some(match address {
            0x0800_0000..0x2000_0000 if section.starts_with(".text") => Self::Text,
            0x0800_0000..0x2000_0000 => Self::Rodata,
            ..0x2000_0000 => return None,
            _ if section.starts_with(".bss") || section == "COMMON" => Self::Bss,
            _ if section.contains("noinit") => Self::Noinit,
            _ => Self::Data,
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Rodata => "rodata",
            Self::Data => "data",
            Self::Bss => "bss",
            Self::Noinit => "noinit",
        })
    }
}

/// An input section that is in the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub kind: Kind,
    pub address: u64,
    pub size: u64,
    /// The archive's file name, or the object's where it is in none.
    pub archive: String,
    /// The object in the archive.
    pub object: String,
}

impl Piece {
    /// True for what is built from this repository.
    pub fn is_of_module(&self) -> bool {
        self.is_rust() || self.archive == "libocpp.a"
    }

    /// True for what rustc made.
    pub fn is_rust(&self) -> bool {
        self.archive == "libocpp_port.a"
    }

    /// True for the routines that rustc's code calls for want of an instruction.
    pub fn is_of_compiler(&self) -> bool {
        self.is_rust() && self.object.starts_with("compiler_builtins")
    }
}

/// Reads the pieces out of a map of GNU ld.
pub fn read(map: &str) -> Vec<Piece> {
    let start = map.find("Linker script and memory map").unwrap_or(0);
    let mut pieces = Vec::new();
    let mut section = "";
    for line in map.get(start..).unwrap_or("").lines() {
        // ` .text.name  0x0800e77c  0x88 folder/lib.a(object)`, broken behind a long name
        let Some(inner) = line.strip_prefix(' ') else {
            section = "";
            continue;
        };
        let rest = match inner.starts_with(' ') {
            true => inner,
            false => {
                let end = inner.find(' ').unwrap_or(inner.len());
                section = inner.get(..end).unwrap_or("");
                inner.get(end..).unwrap_or("")
            }
        };
        if let Some(piece) = piece(section, rest) {
            pieces.push(piece);
        }
        if !rest.trim().is_empty() {
            section = "";
        }
    }
    pieces
}

fn piece(section: &str, rest: &str) -> Option<Piece> {
    if section.is_empty() || section.starts_with('*') {
        return None;
    }
    let mut words = rest.split_whitespace();
    let mut number = || u64::from_str_radix(words.next()?.strip_prefix("0x")?, 16).ok();
    let (address, size) = (number()?, number()?);
    let file = words.next()?;
    let kind = Kind::of(section, address).filter(|_| size > 0)?;
    let name = file.rsplit('/').next().unwrap_or(file);
    let (archive, object) = match file.split_once('(') {
        Some((archive, object)) => (
            archive.rsplit('/').next().unwrap_or(archive),
            object.trim_end_matches(')'),
        ),
        None => (name, name),
    };
    Some(Piece {
        kind,
        address,
        size,
        archive: archive.to_owned(),
        object: object.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_short_and_broken_lines() {
        let map = "\
.text.gone      0x08000000        0x4 before.a(map.o)
Linker script and memory map

text            0x0800e000    0x10000
 .text.take     0x0800e77c       0x88 modules/ocpp/libocpp.a(log.c.obj)
 .text._RNvNtNtCs5_9ocpp_port3api10connectors3now
                0x0800e804       0x3c modules/rust/libocpp_port.a(ocpp_port-1.o)
                0x0800e804                now
 *fill*         0x0800e840        0x2
 .rodata        0x0802a8c0        0x0 modules/ocpp/libocpp.a(log.c.obj)
 .debug_info    0x00001234       0x99 modules/ocpp/libocpp.a(log.c.obj)
 .noinit.\"a\".0  0x20010000      0x800 app/libapp.a(main.c.obj)
";
        let pieces = read(map);
        let told: Vec<_> = pieces
            .iter()
            .map(|p| (p.kind, p.size, p.archive.as_str(), p.is_of_module()))
            .collect();
        assert_eq!(
            told,
            [
                (Kind::Text, 0x88, "libocpp.a", true),
                (Kind::Text, 0x3c, "libocpp_port.a", true),
                (Kind::Noinit, 0x800, "libapp.a", false),
            ]
        );
    }
}
