//! `docs/footprint.md`: tables between markers, each written by the command it is named after.

use std::fs;

use crate::shell::root;

const PAGE: &str = "docs/footprint.md";

/// Whether `--write` is among the arguments, and the others.
pub fn write_wanted<'a>(arguments: &[&'a str]) -> (bool, Vec<&'a str>) {
    let others = arguments.iter().filter(|argument| **argument != "--write");
    (arguments.contains(&"--write"), others.copied().collect())
}

/// Prints what a command has to show, and puts it into the page if wanted.
pub fn show(command: &str, text: &str, write: bool) -> Result<(), String> {
    show_on(PAGE, command, text, write)
}

/// The same for another page.
pub fn show_on(name: &str, command: &str, text: &str, write: bool) -> Result<(), String> {
    println!("\n{text}");
    if !write {
        return Ok(());
    }
    let path = root().join(name);
    let page = fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
    let page = replaced(&page, command, text)
        .ok_or_else(|| format!("{name} has no markers of cargo xtask {command}"))?;
    fs::write(&path, page).map_err(|error| format!("{name}: {error}"))?;
    println!("{name} is written");
    Ok(())
}

fn replaced(page: &str, command: &str, text: &str) -> Option<String> {
    let begin = format!("<!-- cargo xtask {command} --write -->\n");
    let end = format!("<!-- end of cargo xtask {command} -->");
    let (before, rest) = page.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}{text}{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_what_is_between_the_markers() {
        let page = "a\n<!-- cargo xtask scaling --write -->\nold\n<!-- end of cargo xtask scaling -->\nb\n";
        let new = replaced(page, "scaling", "new\n").unwrap();
        assert_eq!(new, page.replace("old", "new"));
        assert_eq!(replaced(page, "footprint", "new\n"), None);
    }
}
