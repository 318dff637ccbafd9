//! What the documents promise is there.
#![allow(clippy::restriction)] // What fails here may panic.

use std::{collections::HashMap, fs, path::Path};

use ocpp::station::Key;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The first column of every table row.
fn rows(document: &str) -> Vec<&str> {
    let rows = document.lines().filter_map(|line| line.strip_prefix("| "));
    rows.filter_map(|row| row.split(" |").next()).collect()
}

/// The documents that list messages and keys with their tests.
fn lists() -> String {
    ["core-profile", "profiles", "security-messages"]
        .map(|page| read(&format!("docs/{page}.md")))
        .join("\n")
}

#[test]
fn every_message_and_key_is_listed() {
    let document = lists();
    let rows = rows(&document);
    let messages = [
        "Authorize",
        "BootNotification",
        "CancelReservation",
        "CertificateSigned",
        "ChangeAvailability",
        "ChangeConfiguration",
        "ClearCache",
        "ClearChargingProfile",
        "DataTransfer",
        "DeleteCertificate",
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
        "GetCompositeSchedule",
        "GetConfiguration",
        "GetDiagnostics",
        "GetInstalledCertificateIds",
        "GetLocalListVersion",
        "ExtendedTriggerMessage",
        "GetLog",
        "Heartbeat",
        "InstallCertificate",
        "LogStatusNotification",
        "MeterValues",
        "RemoteStartTransaction",
        "RemoteStopTransaction",
        "ReserveNow",
        "Reset",
        "SecurityEventNotification",
        "SendLocalList",
        "SetChargingProfile",
        "SignCertificate",
        "SignedFirmwareStatusNotification",
        "SignedUpdateFirmware",
        "StartTransaction",
        "StatusNotification",
        "StopTransaction",
        "UnlockConnector",
        "UpdateFirmware",
    ];
    let keys = Key::ALL.iter().map(|key| key.name());
    for name in messages.into_iter().chain(keys) {
        assert!(rows.contains(&name), "the documents lack {name}");
    }
}

#[test]
fn every_listed_test_exists() {
    let document = lists();
    let quoted = document.split('`').skip(1).step_by(2);
    let tests: Vec<_> = quoted
        .filter_map(|name| name.rsplit_once("::"))
        .filter(|(file, _)| *file != "file")
        .collect();
    assert!(tests.len() > 60, "{}", tests.len());
    for (file, test) in tests {
        let source = read(&format!("tests/scenarios/{}.rs", file.replace("::", "/")));
        let definition = format!("#[test]\nfn {test}()");
        assert!(source.contains(&definition), "{file}::{test}");
    }
}

const OCPP: &str = "OCPP 1.6";
const OCPP_J: &str = "OCPP-J 1.6";
const ERRATA: &str = "errata";
const ERRATA_J: &str = "OCPP-J errata";

/// The title of each section, by document and number.
type Titles = HashMap<(&'static str, String), String>;

fn titles() -> Titles {
    let mut titles = Titles::new();
    let mut document = OCPP;
    for line in read("tests/documents/sections.txt").lines() {
        match line.split_once(' ') {
            Some((number, title)) if number.starts_with(|c: char| c.is_ascii_digit()) => {
                let old = titles.insert((document, number.to_owned()), title.to_owned());
                assert_eq!(old, None, "{document}, {number} is listed twice");
            }
            _ => {
                let documents = [OCPP, OCPP_J, ERRATA, ERRATA_J];
                let named = documents.into_iter().find(|name| line.starts_with(name));
                document = named.unwrap_or(document);
            }
        }
    }
    titles
}

/// Comments and prose up to a blank line or to code, in one line.
struct Paragraph {
    text: String,
    /// The first word of the code below: what a comment is about.
    below: String,
}

fn paragraphs(source: &str, is_prose: bool) -> Vec<Paragraph> {
    let mut paragraphs = Vec::new();
    let mut text = String::new();
    for line in source.lines().chain([""]).map(str::trim) {
        let is_comment = ["//", "/*", "*", "#"]
            .iter()
            .any(|mark| line.starts_with(mark));
        if is_comment || is_prose && !line.is_empty() {
            let words = line.trim_start_matches(['/', '!', '*', '#', ' ']);
            text.extend([if text.is_empty() { "" } else { " " }, words]);
        } else if !text.is_empty() {
            let end = line.find(|c: char| !c.is_alphanumeric());
            let below = line[..end.unwrap_or(line.len())].to_owned();
            let text = std::mem::take(&mut text);
            paragraphs.push(Paragraph { text, below });
        }
    }
    paragraphs
}

/// Where numbers like 4, 4.9 and 9.1.23 stand.
fn numbers(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let words = text.split_inclusive(|c: char| !c.is_alphanumeric() && !"._/-".contains(c));
    let mut end = 0;
    words.filter_map(move |word| {
        let at = end;
        end += word.len();
        let number = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        let is_number = number.split('.').all(|part| {
            !part.is_empty() && part.len() < 3 && part.bytes().all(|byte| byte.is_ascii_digit())
        });
        is_number.then_some((at, number))
    })
}

fn without_spaces(title: &str) -> String {
    title.replace(' ', "")
}

/// The length of the title, with or without its spaces, where the text goes on with it.
fn title_length(after: &str, title: &str) -> Option<usize> {
    let after = after.strip_prefix(' ')?;
    let forms = [title.to_owned(), without_spaces(title)];
    let form = forms.iter().find(|form| {
        let rest = after.strip_prefix(form.as_str());
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
    })?;
    Some(1 + form.len())
}

/// True where the text goes on with what looks like a title: longer than a unit.
fn has_name(after: &str) -> bool {
    let name = after.strip_prefix(' ').unwrap_or("");
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().take_while(|c| c.is_ascii_alphabetic()).count() > 3
}

struct Section<'t> {
    number: &'t str,
    /// Where it ends in the text, its title included.
    end: usize,
    /// Whether the title that follows is its own.
    has_its_title: Option<bool>,
}

/// Sections that are cited together, such as `4.8 and 4.10`.
struct Citation<'t> {
    document: &'static str,
    /// The word before it.
    of: &'t str,
    sections: Vec<Section<'t>>,
}

/// `OCPP 1.6, 4.9`, `(4.9)` or `4.9: ...` at the beginning of a comment, `4.9 Status Notification`
/// anywhere. What is cited of OCPP-J and of errata always says so.
fn citations<'t>(text: &'t str, titles: &Titles) -> Vec<Citation<'t>> {
    let mut citations: Vec<Citation<'t>> = Vec::new();
    for (at, number) in numbers(text) {
        let (before, after) = (&text[..at], &text[at + number.len()..]);
        let is_digit = |c: char| c.is_ascii_digit();
        let more = after.strip_prefix(" and ").or(after.strip_prefix(" to "));
        let ends = after.is_empty() || after.starts_with([')', ',', ':', ';', '.']);
        let ends = ends || has_name(after) || more.is_some_and(|more| more.starts_with(is_digit));
        let has_dot = number.contains('.');

        let head = before.trim_end_matches([',', ' ']);
        let documents = [ERRATA_J, ERRATA, OCPP_J, OCPP];
        let introduced = documents.into_iter().find(|name| head.ends_with(name));
        let introduced = introduced.filter(|_| head.len() < at && (has_dot || ends));
        let last = citations.last().and_then(|last| last.sections.last());
        let gap = last.and_then(|last| text.get(last.end..at));
        let is_next = introduced.is_none() && matches!(gap, Some(", " | " and " | " to "));
        let is_bare = has_dot
            && ends
            && (at == 0 || before.ends_with('('))
            && number.starts_with(['3', '4', '5', '6', '7', '8', '9']);
        let mut any = titles
            .values()
            .filter_map(|title| title_length(after, title));
        let document = match introduced {
            Some(document) => document,
            None if is_next => citations.last().unwrap().document,
            None if is_bare || has_dot && any.next().is_some() => OCPP,
            None => continue,
        };

        let title = titles.get(&(document, number.to_owned()));
        let length = title.and_then(|title| title_length(after, title));
        let section = Section {
            number,
            end: at + number.len() + length.unwrap_or(0),
            has_its_title: has_name(after).then_some(length.is_some()),
        };
        if is_next {
            citations.last_mut().unwrap().sections.push(section);
            continue;
        }
        let of = head.strip_suffix(document).unwrap_or(head);
        let of = of.trim_end_matches(['(', ' ', '`']);
        let of = of.rsplit([' ', '`']).next().unwrap();
        let sections = vec![section];
        citations.push(Citation {
            document,
            of,
            sections,
        });
    }
    citations
}

/// What is wrong with a citation in a comment on what is called `below`.
fn mistakes(citation: &Citation, below: &str, titles: &Titles) -> Vec<String> {
    let document = citation.document;
    let is_operation = |number: &str| document == OCPP && number.starts_with(['4', '5']);
    let mut mistakes = Vec::new();
    let mut operations = Vec::new();
    for section in &citation.sections {
        let number = section.number;
        let Some(title) = titles.get(&(document, number.to_owned())) else {
            mistakes.push(format!("{document} has no section {number}"));
            continue;
        };
        let depth = number.split('.').count();
        // Long lists, in which a wrong number looks like any other.
        let is_listed =
            number.starts_with(['6', '7']) && depth > 1 || number.starts_with('9') && depth > 2;
        match section.has_its_title {
            Some(false) => mistakes.push(format!("{document}, {number} is {title}")),
            None if document == OCPP && is_listed && below != title => {
                mistakes.push(format!("{number} stands without its title, {title}"));
            }
            _ if is_operation(number) => operations.push(without_spaces(title)),
            _ => {}
        }
    }
    // `ClearCache (5.4)`.
    let mut all = titles
        .iter()
        .filter(|((of, number), _)| *of == OCPP && is_operation(number));
    let names_one = all.any(|(_, title)| without_spaces(title) == citation.of);
    if names_one && !operations.is_empty() && !operations.iter().any(|name| name == citation.of) {
        mistakes.push(format!("{} is not {}", citation.of, operations.join(", ")));
    }
    mistakes
}

/// Calls `look` with the path and the text of every source and document below a directory.
fn each_source(directory: &Path, look: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_str().unwrap();
        let generated = ["target", "node_modules", "build", "twister-out"];
        if entry.file_type().unwrap().is_dir() {
            if !name.starts_with('.') && !generated.iter().any(|built| name.starts_with(built)) {
                each_source(&path, look);
            }
            continue;
        }
        let ending = name.rsplit('.').next().unwrap();
        let endings = [
            "rs", "md", "c", "h", "py", "js", "java", "cmake", "conf", "toml", "yaml",
        ];
        if endings.contains(&ending) || name.starts_with("Kconfig") {
            look(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_cited_section_has_the_title_it_is_cited_with() {
    let titles = titles();
    let (mut count, mut wrong) = (0, Vec::new());
    each_source(
        Path::new(env!("CARGO_MANIFEST_DIR")),
        &mut |path, source| {
            for Paragraph { text, below } in
                paragraphs(source, path.extension() == Some("md".as_ref()))
            {
                for citation in citations(&text, &titles) {
                    count += citation.sections.len();
                    let mistakes = mistakes(&citation, &below, &titles);
                    wrong.extend(
                        mistakes
                            .iter()
                            .map(|wrong| format!("{}: {wrong}", path.display())),
                    );
                }
            }
        },
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 200, "{count}");
}

#[test]
fn a_wrong_citation_is_noticed() {
    let titles = titles();
    for (text, below, expected) in [
        ("6.9 ChangeConfiguration.req", "", ""),
        (
            "6.7 ChangeConfiguration.req",
            "",
            "OCPP 1.6, 6.7 is ChangeAvailability.req",
        ),
        ("Answer to DataTransfer (7.23).", "DataTransferStatus", ""),
        (
            "Answer to DataTransfer (7.25).",
            "DataTransferStatus",
            "7.25 stands without its title, FirmwareStatus",
        ),
        ("MeterValues (OCPP 1.6, 3.16 and 4.7).", "", ""),
        (
            "MeterValues (OCPP 1.6, 3.16 and 4.8).",
            "",
            "MeterValues is not StartTransaction",
        ),
        ("On (4.9, 4.11).", "", "OCPP 1.6 has no section 4.11"),
        (
            "Silence (OCPP-J errata 3.3), JSON (OCPP-J 1.6, 4.2.3 CallError).",
            "",
            "",
        ),
        (
            "Silence (OCPP-J errata 3.35).",
            "",
            "OCPP-J errata has no section 3.35",
        ),
    ] {
        let citations = citations(text, &titles);
        assert!(!citations.is_empty(), "{text}");
        let found = citations
            .iter()
            .flat_map(|citation| mistakes(citation, below, &titles));
        assert_eq!(found.collect::<Vec<_>>().join("; "), expected, "{text}");
    }
}

#[test]
fn every_listed_message_is_in_the_section_beside_it() {
    let (document, titles) = (lists(), titles());
    let cells = document
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
    let mut count = 0;
    for (message, rest) in cells {
        let number = rest.split(" |").next().unwrap().to_owned();
        if let Some(title) = titles.get(&(OCPP, number)) {
            assert_eq!(without_spaces(title), message);
            count += 1;
        }
    }
    assert_eq!(count, 30);
}
