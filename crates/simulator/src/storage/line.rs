//! Files of one line: numbers, and behind them a check sum in eight hexadecimal digits.

use std::{fs, io, path::Path};

use super::{atomic_file, crc};

/// Keeps numbers in a file.
pub fn replace(directory: &Path, name: &str, numbers: &[u64]) -> io::Result<()> {
    let numbers: Vec<_> = numbers.iter().map(u64::to_string).collect();
    let numbers = numbers.join(" ");
    let sum = sum(name, &numbers);
    atomic_file::replace(directory, name, format!("{numbers} {sum}\n").as_bytes())
}

/// So many numbers from a file; nothing where there is no file. `what` they are is for the error, which is
/// one line. They need no check sum: earlier versions wrote none, and people may write them.
pub fn read<const N: usize>(
    directory: &Path,
    name: &str,
    what: &str,
) -> Result<Option<[u64; N]>, String> {
    let path = directory.join(name);
    let complain = |problem: &dyn std::fmt::Display| format!("{}: {problem}", path.display());
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(complain(&error)),
    };
    let text = text.trim();
    let mut words: Vec<_> = text.split_ascii_whitespace().collect();
    if words.len() == N + 1 {
        let told = words.pop().unwrap_or_default();
        if told != sum(name, &words.join(" ")) {
            return Err(complain(&"is damaged: its check sum is another one"));
        }
    }
    let numbers = words.iter().map(|word| word.parse());
    let numbers = numbers.collect::<Result<Vec<u64>, _>>().ok();
    let numbers = numbers.and_then(|numbers| <[u64; N]>::try_from(numbers).ok());
    let numbers = numbers.ok_or_else(|| complain(&format!("is no {what}")))?;
    Ok(Some(numbers))
}

fn sum(name: &str, numbers: &str) -> String {
    let sum = crc::sum(&[name.as_bytes(), b" ", numbers.as_bytes()]);
    format!("{sum:08x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_an_error_wherever_it_is() {
        let folder = std::env::temp_dir().join(format!("line-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let numbers = [834_404_000_000, 17];
        replace(&folder, "a", &numbers).unwrap();
        assert_eq!(read(&folder, "a", "pair"), Ok(Some(numbers)));
        assert_eq!(read::<2>(&folder, "b", "pair"), Ok(None));
        let whole = fs::read(folder.join("a")).unwrap();
        for place in 0..whole.len() - 1 {
            for bit in [1, 2, 8, 0x10] {
                let mut damaged = whole.clone();
                damaged[place] ^= bit;
                fs::write(folder.join("a"), &damaged).unwrap();
                let problem = read::<2>(&folder, "a", "pair").unwrap_err();
                assert!(problem.contains("a: is "), "{damaged:?}: {problem}");
            }
        }
        // One under another's name.
        fs::write(folder.join("b"), &whole).unwrap();
        assert!(read::<2>(&folder, "b", "pair").is_err());
        fs::write(folder.join("a"), "5 6").unwrap();
        assert_eq!(read(&folder, "a", "pair"), Ok(Some([5, 6])));
        fs::remove_dir_all(&folder).unwrap();
    }
}
