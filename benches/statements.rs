//! What the app asks PostgreSQL for one request, read from the server's own log, as a script for pgbench.
//!
//! So the limit runs the very statements that the app runs, with the same parameters in the same tenant
//! transaction, and can't drift away from them.

use std::collections::HashMap;
use std::fmt::Write;
use std::thread::sleep;
use std::time::Duration;

use crate::Result;
use crate::nexus::{App, Home};

/// A pgbench script and the values of its variables.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    pub text: String,
    pub variables: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq)]
struct Statement {
    text: String,
    parameters: Vec<Option<String>>,
}

type Transaction = Vec<Statement>;

/// An app whose every statement is logged.
pub struct Recorder<'a> {
    home: &'a Home,
    pub app: App,
    scripts: usize,
}

impl<'a> Recorder<'a> {
    pub fn start(home: &'a Home) -> Result<Recorder<'a>> {
        {
            // A server for the length of this block, to tell it what its next sessions log.
            let _app = App::start(home, &[])?;
            home.sql("alter database nexus set log_statement = 'all'; alter database nexus set log_min_duration_statement = -1")?;
        }
        let app = App::start(home, &[])?;
        Ok(Recorder {
            home,
            app,
            scripts: 0,
        })
    }

    /// The tenant transactions that `request` leads to, as one script.
    ///
    /// It is made three times: what does not recur is somebody else's, and a value that differs from time to time
    /// must differ in the script too.
    pub fn script(&mut self, mut request: impl FnMut() -> Result<()>) -> Result<Script> {
        request()?;
        let mut times = Vec::new();
        for _ in 0..3 {
            let before = self.home.postgres_log()?.len();
            request()?;
            // The last lines are written when the answer is already there.
            sleep(Duration::from_millis(150));
            times.push(transactions(&self.home.postgres_log()?[before..]));
        }
        let recurring: Vec<Vec<Transaction>> = times
            .iter()
            .map(|time| {
                let recurs = |one: &&Transaction| {
                    times
                        .iter()
                        .all(|other| other.iter().any(|two| same_texts(one, two)))
                };
                time.iter().filter(recurs).cloned().collect()
            })
            .collect();
        let (now, before) = (&recurring[2], &recurring[1]);
        if now.is_empty() || now.len() != before.len() {
            return Err("the request's statements could not be told from the log".into());
        }
        self.scripts += 1;
        Ok(script(self.scripts, &now.concat(), &before.concat()))
    }
}

impl Drop for Recorder<'_> {
    fn drop(&mut self) {
        let quiet = "alter database nexus reset log_statement; alter database nexus reset log_min_duration_statement";
        if let Err(error) = self.home.sql(quiet) {
            eprintln!("bench: the log stays on: {error}");
        }
    }
}

fn same_texts(one: &Transaction, two: &Transaction) -> bool {
    one.len() == two.len() && one.iter().zip(two).all(|(a, b)| a.text == b.text)
}

/// The whole tenant transactions of a piece of log, in the order of their ends.
fn transactions(log: &str) -> Vec<Transaction> {
    let mut open: HashMap<String, Transaction> = HashMap::new();
    let mut done = Vec::new();
    for (process, statement) in statements(log) {
        let word = statement.text.trim_start().to_lowercase();
        if word.starts_with("begin") {
            open.insert(process, vec![statement]);
        } else if word.starts_with("commit") {
            if let Some(mut transaction) = open.remove(&process) {
                transaction.push(statement);
                done.push(transaction);
            }
        } else if let Some(transaction) = open.get_mut(&process) {
            transaction.push(statement);
        }
    }
    done.retain(|transaction| {
        transaction
            .iter()
            .any(|statement| statement.text.contains("app.workspace_id"))
    });
    done
}

/// `<time> [pid] LOG:  statement: …` or `LOG:  execute <name>: …` and then `DETAIL:  parameters: …`.
fn statements(log: &str) -> Vec<(String, Statement)> {
    let mut found: Vec<(String, Statement)> = Vec::new();
    let mut entries: Vec<String> = Vec::new();
    for line in log.lines() {
        match (line.strip_prefix('\t'), entries.last_mut()) {
            (Some(more), Some(entry)) => {
                entry.push('\n');
                entry.push_str(more);
            }
            _ => entries.push(line.to_owned()),
        }
    }
    for entry in entries {
        let Some((process, said)) = entry
            .split_once('[')
            .and_then(|(_, rest)| rest.split_once("] "))
        else {
            continue;
        };
        let text = said.strip_prefix("LOG:  ").and_then(|said| {
            said.strip_prefix("statement: ").or_else(|| {
                let (_, text) = said.strip_prefix("execute ")?.split_once(": ")?;
                Some(text)
            })
        });
        if let Some(text) = text {
            let statement = Statement {
                text: text.to_owned(),
                parameters: Vec::new(),
            };
            found.push((process.to_owned(), statement));
        } else if let Some(values) = said.to_lowercase().strip_prefix("detail:  parameters: ") {
            let values = &said[said.len() - values.len()..];
            let last = found.iter_mut().rev().find(|(other, _)| other == process);
            if let Some((_, statement)) = last {
                statement.parameters = parameters(values);
            }
        }
    }
    found
}

/// `$1 = 'it''s', $2 = NULL` → `["it's", null]`.
fn parameters(text: &str) -> Vec<Option<String>> {
    let mut values = Vec::new();
    let mut rest = text;
    while let Some((_, value)) = rest.split_once(" = ") {
        let Some(quoted) = value.strip_prefix('\'') else {
            values.push(None);
            rest = value.trim_start_matches("NULL");
            continue;
        };
        let mut content = String::new();
        let mut chars = quoted.char_indices().peekable();
        rest = "";
        while let Some((at, char)) = chars.next() {
            if char != '\'' {
                content.push(char);
            } else if chars.next_if(|(_, next)| *next == '\'').is_some() {
                content.push('\'');
            } else {
                rest = &quoted[at + 1..];
                break;
            }
        }
        values.push(Some(content));
    }
    values
}

fn script(number: usize, now: &[Statement], before: &[Statement]) -> Script {
    let mut body = Body {
        number,
        ..Body::default()
    };
    for (statement, earlier) in now.iter().zip(before) {
        body.statement(statement, earlier);
    }
    let random = "random(1, 281474976710655)";
    let mut text = String::new();
    for fresh in 0..body.fresh.len() {
        let _ = writeln!(text, "\\set fresh{number}_{fresh} {random}");
    }
    text += &body.text;
    Script {
        text,
        variables: body.variables,
    }
}

#[derive(Default)]
struct Body {
    number: usize,
    text: String,
    variables: Vec<(String, String)>,
    /// Values that must be new each time, with the expression that makes them so.
    fresh: HashMap<String, String>,
}

impl Body {
    fn statement(&mut self, statement: &Statement, earlier: &Statement) {
        let text = statement.text.trim().trim_end_matches(';');
        // The app sends BEGIN and its fence in one message; a pipeline is pgbench's way to do so.
        if let Some((begin, fence)) = text.split_once(';').filter(|(b, _)| b.starts_with("begin")) {
            let _ = writeln!(
                self.text,
                "\\startpipeline\n{begin};\n{};\n\\endpipeline",
                fence.trim()
            );
            return;
        }
        // `$10` before `$1`.
        let mut text = text.to_owned();
        for index in (0..statement.parameters.len()).rev() {
            let value = &statement.parameters[index];
            let differs = earlier.parameters.get(index) != Some(value);
            let replacement = match value {
                None => "null".to_owned(),
                Some(value) if differs => self.fresh(value).unwrap_or_else(|| self.variable(value)),
                Some(value) => self.variable(value),
            };
            text = text.replace(&format!("${}", index + 1), &replacement);
        }
        let _ = writeln!(self.text, "{text};");
    }

    fn variable(&mut self, value: &str) -> String {
        // pgbench refuses an empty one.
        if value.is_empty() {
            return "''".into();
        }
        let name = format!("v{}_{}", self.number, self.variables.len());
        self.variables.push((name.clone(), value.to_owned()));
        format!(":{name}")
    }

    /// An id or an address that was new must be new again; any other value may repeat.
    fn fresh(&mut self, value: &str) -> Option<String> {
        if let Some(expression) = self.fresh.get(value) {
            return Some(expression.clone());
        }
        let random = format!(":fresh{}_{}::bigint", self.number, self.fresh.len());
        let expression = if is_uuid(value) {
            // Ordered by time, as the app's are.
            let time = "lpad(to_hex((extract(epoch from now()) * 1000)::bigint), 12, '0')";
            format!(
                "(substr({time}, 1, 8) || '-' || substr({time}, 9, 4) || '-7000-8000-' || lpad(to_hex({random}), 12, '0'))::uuid"
            )
        } else if value.contains('@') && !value.contains(['{', ' ', '[']) {
            format!("('bench' || ({random}) || '@bench.example')")
        } else {
            return None;
        };
        self.fresh.insert(value.to_owned(), expression.clone());
        Some(expression)
    }
}

fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value.char_indices().all(|(at, char)| match at {
            8 | 13 | 18 | 23 => char == '-',
            _ => char.is_ascii_hexdigit(),
        })
}
