//! What the central system has to do, and how it is brought to it.

use std::path::Path;

use serde_json::Value;

use super::Loader;
use crate::scenario::{
    step::{Deed, Hook, Order},
    variables,
    yaml::{Fields, Node, Problem},
};

/// What a central system can be told to know.
const KNOWN: [&str; 5] = ["idTag", "boot", "password", "profile", "csr"];
const METHODS: [&str; 4] = ["GET", "POST", "PUT", "PATCH"];

impl Loader {
    /// A hook that a file names.
    pub fn hook(&self, node: &Node) -> Result<Hook, Problem> {
        let mut fields = Fields::of(node, "a hook")?;
        let hook = self.hook_of(&mut fields)?;
        fields.finish()?;
        hook.ok_or_else(|| node.problem("a hook needs run or http"))
    }

    /// A hook among other fields.
    pub fn hook_of(&self, fields: &mut Fields<'_>) -> Result<Option<Hook>, Problem> {
        let (run, http, body) = (fields.take("run"), fields.take("http"), fields.take("body"));
        match (run, http, body) {
            (Some(_), Some(http), _) => Err(http.problem("run and http exclude each other")),
            (_, None, Some(body)) => Err(body.problem("body goes with http")),
            (Some(node), None, None) => {
                let folder = node.place.file.parent().unwrap_or(Path::new(""));
                let words = words(&node.text("run")?).map_err(|it| node.problem(it))?;
                self.check_words(node, &words)?;
                Ok(Some(Hook::Run {
                    words,
                    folder: folder.to_path_buf(),
                }))
            }
            (None, Some(node), body) => {
                let text = node.text("http")?;
                let (method, url) = request(&text).map_err(|it| node.problem(it))?;
                self.check_words(node, std::slice::from_ref(&url))?;
                Ok(Some(Hook::Http {
                    method,
                    url,
                    body: body.map(|body| self.order_value(body)).transpose()?,
                }))
            }
            (None, None, None) => Ok(None),
        }
    }

    /// The texts of a hook know the order as well; what else they name has to be known when they are used.
    fn check_words(&self, node: &Node, words: &[String]) -> Result<(), Problem> {
        for word in words {
            variables::names(word).map_err(|problem| node.problem(problem))?;
        }
        Ok(())
    }

    fn order_value(&self, node: &Node) -> Result<Value, Problem> {
        self.check_words(node, &[node.value().to_string()])?;
        Ok(node.value())
    }

    /// What it knows before the charge point connects: a list of mappings with one field each.
    pub fn prepared(&self, node: &Node) -> Result<Vec<Order>, Problem> {
        let nodes = node.list("central-system")?.iter();
        let orders = nodes.map(|node| {
            Ok(Order {
                text: None,
                deed: self.knowledge(node)?,
                hook: None,
            })
        });
        orders.collect()
    }

    pub fn knowledge(&self, node: &Node) -> Result<Deed, Problem> {
        match node.fields("what a central system knows")? {
            [(what, node)] if KNOWN.contains(&what.as_str()) => Ok(Deed::Know {
                what: what.clone(),
                value: self.values(node, what)?,
            }),
            [(what, node)] => Err(node.problem(format!(
                "a central system knows no {what:?}; {}",
                KNOWN.join(", ")
            ))),
            _ => Err(node.problem(format!("it has to be one of {}", KNOWN.join(", ")))),
        }
    }
}

/// A method and a URL.
pub fn request(text: &str) -> Result<(String, String), String> {
    let (method, url) = text.split_once(' ').unwrap_or(("POST", text));
    let is_url = url.starts_with("http://") || url.starts_with("https://") || url.starts_with("${");
    match METHODS.contains(&method) && is_url {
        true => Ok((method.to_owned(), url.to_owned())),
        false => Err(format!(
            "http has to be METHOD URL, with {}",
            METHODS.join(", ")
        )),
    }
}

/// The words of a command line. Quotes, single or double, keep spaces; nothing else is special, because no
/// shell reads it.
pub fn words(line: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for character in line.chars() {
        match (quote, character) {
            (Some(open), character) if open == character => quote = None,
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, character) if character.is_whitespace() => words.extend(word.take()),
            (_, character) => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    match (quote, words.is_empty()) {
        (Some(_), _) => Err("a quote is not closed".to_owned()),
        (None, true) => Err("the command is empty".to_owned()),
        (None, false) => Ok(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_keep_spaces() {
        let wanted = ["a", "b c", "", "d'e"].map(str::to_owned).to_vec();
        assert_eq!(words("a  'b c' \"\" d\"'\"e"), Ok(wanted));
        assert!(words("a 'b").is_err());
        assert!(words("  ").is_err());
    }

    #[test]
    fn a_request_is_a_method_and_a_url() {
        let good = |method: &str, url: &str| Ok((method.to_owned(), url.to_owned()));
        assert_eq!(request("http://a/b"), good("POST", "http://a/b"));
        assert_eq!(request("PUT ${api}/x"), good("PUT", "${api}/x"));
        assert!(request("DELETE http://a").is_err());
        assert!(request("ftp://a").is_err());
    }
}
