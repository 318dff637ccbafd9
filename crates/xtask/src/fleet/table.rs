//! Figures of several runs, as a table of Markdown.

/// A column: names of rows, and their values. The first row is the head.
#[derive(Default)]
pub struct Rows(Vec<(String, String)>);

impl Rows {
    pub fn add(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }
}

/// The rows are those of the first column; others have the same ones.
pub fn table(columns: &[Rows]) -> String {
    let names = columns.first().into_iter().flat_map(|rows| &rows.0);
    let mut text = String::new();
    for (place, (name, _)) in names.enumerate() {
        let values = columns.iter().filter_map(|rows| rows.0.get(place));
        let values: Vec<&str> = values.map(|(_, value)| value.as_str()).collect();
        text.push_str(&format!("| {name} | {} |\n", values.join(" | ")));
        if place == 0 {
            text.push_str(&format!("| --- |{}\n", " --- |".repeat(values.len())));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_a_column_for_each_run() {
        let column = |stations: &str, time: &str| {
            let mut rows = Rows::default();
            rows.add("stations", stations);
            rows.add("time", time);
            rows
        };
        let text = table(&[column("10", "1 s"), column("20", "2 s")]);
        assert_eq!(
            text,
            "| stations | 10 | 20 |\n| --- | --- | --- |\n| time | 1 s | 2 s |\n"
        );
    }
}
