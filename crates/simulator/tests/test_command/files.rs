//! Files, tags, variables and reports.

use std::fs;

use super::bench::{Folder, output};

#[test]
fn a_bad_file_or_command_line_ends_with_2_and_one_line() {
    let folder = Folder::new();
    let bad = folder.file("bad.yaml", "title: x\nsteps:\n- tells: Boot\n");
    let good = folder.file("good.yaml", "title: x\ntags: [a]\nsteps: []\n");
    let builtin = ["--csms", "builtin"];
    let tagged = ["--csms", "builtin", "--tag", "b"];
    let hooked = ["--csms", "builtin", "--hook", "a 'b"];
    for (arguments, path, told) in [
        (&builtin[..], &bad, "bad.yaml:3: a step has one of"),
        (&builtin, &folder.0.join("none.yaml"), "none.yaml: "),
        (&tagged, &good, "no scenario has these tags"),
        (&hooked, &good, "a quote is not closed"),
    ] {
        let output = output(arguments, &[path]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(told), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    assert_eq!(output(&[], &[&good]).status.code(), Some(2));
    assert_eq!(output(&["--csms", "builtin"], &[]).status.code(), Some(2));
}

#[test]
fn reports_and_tags_choose_and_tell() {
    let folder = Folder::new();
    folder.file(
        "one.yaml",
        "title: First & best\ntags: [a]\nsteps:\n- sends: BootNotification\n",
    );
    folder.file(
        "two.yaml",
        "title: Second\ntags: [b]\nwithin: 0.2\nsteps:\n- receives: Reset\n",
    );
    folder.file(
        "three.yaml",
        "title: Third\ntags: [a, c]\nsteps:\n- operator: Do it\n  run: sh -c 'exit 3'\n",
    );
    folder.file("_part.yaml", "steps: []\n");
    let junit = folder.0.join("junit.xml");
    let listed = output(
        &["--list", "--tag", "a", "--without-tag", "c"],
        &[&folder.0],
    );
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert_eq!(listed, "one [a] First & best\n");

    let arguments = [
        "--csms",
        "builtin",
        "--jobs",
        "3",
        "--junit",
        junit.to_str().unwrap(),
    ];
    let output = output(&arguments, &[&folder.0]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    for line in [
        "ok    one (",
        "FAIL  two (",
        "skip  three: ",
        "1 passed, 1 failed, 1 skipped",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert!(text.contains("two.yaml:5: receives Reset"), "{text}");
    assert!(text.contains("-> [2,") && text.contains("<- [3,"), "{text}");
    let xml = fs::read_to_string(junit).unwrap();
    assert!(
        xml.contains("tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\""),
        "{xml}"
    );
    assert!(
        xml.contains("<failure message=\"receives Reset: none came\">"),
        "{xml}"
    );
    assert!(!xml.contains("-> ["), "{xml}");
}

#[test]
fn a_variable_of_the_command_line_comes_before_the_scenario_s() {
    let folder = Folder::new();
    let file = folder.file(
        "case.yaml",
        "title: x\nvariables: {tag: NONE}\nsteps:\n- sends: BootNotification\n- tag 1 ${tag}\n\
         - sends: Authorize\n  with: {idTag: T-9}\n  answer: {idTagInfo: {status: Invalid}}\n",
    );
    let output = output(&["--csms", "builtin", "--var", "tag=T-9"], &[&file]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
}

#[test]
fn files_include_others_but_not_themselves() {
    let folder = Folder::new();
    let main = folder.file(
        "main.yaml",
        "title: x\nsteps:\n- include: _part.yaml\n  with: {status: Accepted}\n",
    );
    let part = "steps:\n- sends: BootNotification\n  answer: {status: \"${status}\"}\n";
    folder.file("_part.yaml", part);
    assert_eq!(
        output(&["--csms", "builtin"], &[&main]).status.code(),
        Some(0)
    );
    // Its mistakes are told where they are.
    folder.file("_part.yaml", &part.replace("status}", "state}"));
    let said = output(&["--csms", "builtin"], &[&main]);
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(
        said.contains("_part.yaml:3: there is no variable state"),
        "{said}"
    );
    folder.file("_part.yaml", "steps:\n- include: _part.yaml\n");
    let said = output(&["--csms", "builtin"], &[&main]);
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(
        said.contains("_part.yaml:2: _part.yaml includes itself"),
        "{said}"
    );
}

#[test]
fn the_first_scenario_of_the_documentation_passes() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/scenarios.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("```yaml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let folder = Folder::new();
    let first = folder.file("first.yaml", example);
    let output = output(&["--csms", "builtin"], &[&first]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("ok    first ("), "{text}");
    assert_eq!(output.status.code(), Some(0));
}
