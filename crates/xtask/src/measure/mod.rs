//! How small and how fast it is: what `docs/footprint.md` shows and `budget.txt` holds.

mod attribution;
mod bench;
pub mod budget;
mod callgrind;
mod flame;
mod footprint;
mod images;
mod instructions;
mod latency;
mod link_map;
pub mod page;
pub mod panics;
mod profiles;
mod ram;
mod scaling;
mod stacks;
mod workspace;

pub use footprint::command as footprint;
pub use instructions::command as instructions;
pub use latency::command as latency;
pub use scaling::command as scaling;

/// `12345` as `12,345`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A table in Markdown; every column but the first is of numbers.
fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = format!("| {} |\n", head.join(" | "));
    text.push_str("| ---");
    text.push_str(&" | ---:".repeat(head.len() - 1));
    text.push_str(" |\n");
    for row in rows {
        text.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_digits() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1000), "1,000");
        assert_eq!(thousands(1_234_567), "1,234,567");
    }
}
