//! Scenario files, read and checked: a mistake is found before anything runs.

pub mod fields;
pub mod hooks;
mod steps;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use serde_json::Value;

use super::{
    options::StationOptions,
    step::{Hook, Order, Step},
    yaml::{self, Fields, Problem},
};

/// Names that each scenario has.
pub const GIVEN: [&str; 12] = [
    "number",
    "identity",
    "csms",
    "files",
    "name",
    "root",
    "next-root",
    "csms-root",
    "csms-next-root",
    "signer",
    "signature",
    "bad-signature",
];
/// How long a step waits where neither it nor its scenario says so.
const WITHIN: Duration = Duration::from_secs(5);
/// The longest file: a scenario is some lines.
const LONGEST: u64 = 1 << 20;
/// Files that include each other.
const MOST_INCLUDED: usize = 16;

/// A scenario that is good to run.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The path from where files were looked for, without its ending: `remote/start_cable_first`.
    pub id: String,
    pub file: Arc<Path>,
    /// What it shows, in one line.
    pub title: String,
    /// What the central system has to do, for people, with variables.
    pub needs: Option<String>,
    pub tags: Vec<String>,
    /// For the whole; `None` for what the command line says.
    pub timeout: Option<Duration>,
    pub within: Duration,
    pub station: StationOptions,
    /// What the central system knows before the charge point connects.
    pub prepared: Vec<Order>,
    pub hook: Option<Hook>,
    /// In their order; later ones may use earlier ones.
    pub variables: Vec<(String, Value)>,
    /// A frame of the central system that is not to the letter of OCPP 1.6 is a failure.
    pub to_the_letter: bool,
    pub steps: Vec<Step>,
    /// Names of variables that are in it.
    pub uses: BTreeSet<String>,
}

/// Reads a scenario. `given` are the variables of the command line.
pub fn scenario(
    id: String,
    path: &Path,
    given: &BTreeMap<String, String>,
) -> Result<Scenario, Problem> {
    let file: Arc<Path> = Arc::from(path);
    let root = yaml::parse(&file, &read(path)?)?;
    let mut fields = Fields::of(&root, "a scenario")?;
    let title = fields.needed("title")?.text("title")?;
    let needs = fields.take("needs");
    let tags = match fields.take("tags") {
        Some(node) => {
            let tags = node.list("tags")?.iter();
            tags.map(|tag| tag.text("a tag"))
                .collect::<Result<_, _>>()?
        }
        None => Vec::new(),
    };
    let timeout = fields.take("timeout").map(fields::duration).transpose()?;
    let within = fields.take("within").map(fields::duration).transpose()?;
    let to_the_letter = fields.boolean("to-the-letter")?.unwrap_or(true);

    let mut loader = Loader {
        known: GIVEN.iter().map(|name| (*name).to_owned()).collect(),
        ..Loader::default()
    };
    loader.known.extend(given.keys().cloned());
    let mut variables = Vec::new();
    if let Some(node) = fields.take("variables") {
        variables = loader.variables(node)?;
        // The command line counts more.
        variables.retain(|(name, _)| !given.contains_key(name));
    }
    let needs = needs.map(|node| loader.text(node, "needs")).transpose()?;
    let station = StationOptions::read(fields.take("station"), &mut loader)?;
    loader.connectors = station.connectors;
    loader.longest_id_tag = station.longest_id_tag();
    let hook = fields
        .take("hook")
        .map(|node| loader.hook(node))
        .transpose()?;
    let prepared = match fields.take("central-system") {
        Some(node) => loader.prepared(node)?,
        None => Vec::new(),
    };
    loader.including.push(path.to_path_buf());
    let steps = fields.needed("steps")?;
    let steps = loader.steps(steps)?;
    fields.finish()?;
    Ok(Scenario {
        id,
        file,
        title,
        needs,
        tags,
        timeout,
        within: within.unwrap_or(WITHIN),
        station,
        prepared,
        hook,
        variables,
        to_the_letter,
        steps,
        uses: loader.used.take(),
    })
}

fn read(path: &Path) -> Result<String, Problem> {
    let problem = |text: String| Problem {
        file: path.to_path_buf(),
        line: None,
        text,
    };
    let size = fs::metadata(path).map_err(|error| problem(error.to_string()))?;
    if size.len() > LONGEST {
        return Err(problem(format!("a scenario has at most {LONGEST} bytes")));
    }
    fs::read_to_string(path).map_err(|error| problem(error.to_string()))
}

/// What is known while a file is read from its beginning to its end.
#[derive(Debug, Default)]
pub struct Loader {
    /// Names of variables.
    known: BTreeSet<String>,
    /// Those that a text has named.
    used: RefCell<BTreeSet<String>>,
    /// The file that is read, behind those that include it.
    including: Vec<PathBuf>,
    connectors: u8,
    longest_id_tag: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process;

    /// What is wrong with a file, without its name.
    fn problem(text: &str) -> String {
        load(text).map(|_| ()).unwrap_err()
    }

    fn load(text: &str) -> Result<Scenario, String> {
        let name = format!("scenario-{}-{:x}.yaml", process::id(), fnv(text));
        let path = std::env::temp_dir().join(name);
        fs::write(&path, text).unwrap();
        let loaded = scenario("x".to_owned(), &path, &BTreeMap::new());
        fs::remove_file(&path).unwrap();
        loaded.map_err(|problem| {
            let text = problem.to_string();
            assert!(!text.contains('\n'), "{text}");
            text.replace(&path.display().to_string(), "f")
        })
    }

    fn fnv(text: &str) -> u64 {
        let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
    }

    #[test]
    fn a_scenario_has_steps_of_all_kinds() {
        let scenario = load(
            "title: All of it\n\
             needs: Nothing\n\
             tags: [a, b]\n\
             timeout: 30\n\
             within: 2.5\n\
             variables: {tag: T1}\n\
             station: {connectors: 3, ocpp: 1.6, password: abc, keys: {HeartbeatInterval: 5}}\n\
             central-system:\n\
             - idTag: {idTag: '${tag}', status: Accepted}\n\
             hook: {http: POST http://127.0.0.1/}\n\
             steps:\n\
             - plug 3\n\
             - do: tag 3 ${tag}\n\
             - wait: 0.5\n\
             - sends: StartTransaction\n  \
               with: {idTag: '${tag}'}\n  \
               answer: {transactionId: <int as id>}\n\
             - event: status\n  \
               with: {status: Charging}\n\
             - all:\n  \
               - sends: Heartbeat\n  \
               - receives: Reset\n    \
                 error: <any>\n\
             - never: {receives: Reset}\n  \
               for: 1\n\
             - trigger: RemoteStopTransaction\n  \
               with: {transactionId: '${id}'}\n  \
               answer: {status: Accepted}\n\
             - central-system: {boot: {status: Pending}}\n\
             - operator: Look at it\n  \
               run: true '${id}'\n\
             - let: {x: 5}\n\
             - repeat: 2\n  \
               counter: n\n  \
               steps: ['plug ${n}']\n\
             - each: s\n  \
               in: [A, B]\n  \
               steps: ['tag 1 ${s}']\n",
        );
        let scenario = scenario.unwrap();
        assert_eq!(scenario.steps.len(), 13);
        assert_eq!(scenario.station.connectors, 3);
        assert_eq!(scenario.within, Duration::from_millis(2500));
    }

    #[test]
    fn mistakes_are_told_in_one_line_with_file_and_line() {
        for (text, told) in [
            ("steps: []", "f:1: a scenario needs title"),
            ("title: x", "f:1: a scenario needs steps"),
            (
                "title: x\nsteps: []\nstep: []",
                "f:3: a scenario has no \"step\"",
            ),
            (
                "title: x\nsteps: [plug 3]",
                "f:2: plug: there is no connector 3: 1 to 2",
            ),
            (
                "title: x\nsteps:\n- sign: ${csr}",
                "f:3: there is no variable csr",
            ),
            (
                "title: x\nvariables: {csr: x}\nsteps:\n- sign: ${csr|by-hand}",
                "f:4: there is no filter \"by-hand\"",
            ),
            (
                "title: x\nstation: {certificate: unknown}\nsteps: []",
                "f:2: certificate goes with profile 3",
            ),
            (
                "title: x\nsteps: [quit]",
                "f:2: quit: a scenario ends by itself",
            ),
            (
                "title: x\nsteps:\n- plug ${n}",
                "f:3: there is no variable n",
            ),
            (
                "title: x\nsteps:\n- wait: -1",
                "f:3: it has to be 0 to 3600 seconds",
            ),
            ("title: x\nsteps:\n- tells: x", "f:3: a step has one of do,"),
            (
                "title: x\nsteps:\n- sends: X\n  event: y",
                "f:4: a step has no \"event\"",
            ),
            (
                "title: x\nsteps:\n- sends: X\n  with: 5",
                "f:4: with has to be a mapping",
            ),
            (
                "title: x\nsteps:\n- sends: X\n  with: {a: <b>}",
                "f:4: <b> is no pattern",
            ),
            (
                "title: x\nsteps:\n- sends: X\n  answer: {}\n  error: <any>",
                "f:5: answer and error exclude each other",
            ),
            (
                "title: x\nsteps:\n- never: {sends: X}",
                "f:3: never needs for",
            ),
            (
                "title: x\nsteps:\n- never: {sends: X, within: 3}\n  for: 1",
                "never has no time of its own",
            ),
            (
                "title: x\nsteps:\n- event: frame",
                "f:3: a frame is what sends or receives",
            ),
            (
                "title: x\nsteps:\n- event: nothing",
                "f:3: there is no event \"nothing\"",
            ),
            ("title: x\nsteps:\n- include: none.yaml", "f:3: none.yaml: "),
            (
                "title: x\nsteps:\n- central-system: {tag: {}}",
                "f:3: a central system knows no \"tag\"",
            ),
            (
                "title: x\nsteps:\n- each: n\n  in: 5\n  steps: []",
                "f:4: in has to be a list",
            ),
            (
                "title: x\nsteps:\n- repeat: 0\n  steps: []",
                "f:3: repeat has to be 1 to 1000",
            ),
            (
                "title: x\nstation: {connectors: 0}\nsteps: []",
                "f:2: connectors has to be 1 to",
            ),
            (
                "title: x\nstation: {ocpp: 2.2}\nsteps: []",
                "f:2: ocpp has to be 1.6 or 2.0.1",
            ),
            (
                "title: x\nhook: {run: 'a \"b'}\nsteps: []",
                "f:2: a quote is not closed",
            ),
            (
                "title: x\nhook: {http: FETCH y}\nsteps: []",
                "f:2: http has to be METHOD URL",
            ),
        ] {
            let problem = problem(text);
            assert!(problem.contains(told), "{text:?}:\n{problem}\n{told}");
        }
    }
}
