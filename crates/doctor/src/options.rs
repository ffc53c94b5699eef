//! The flags that every doctor has, and what they do.

use std::io::Write;
use std::process::ExitCode;

use crate::finding::Severity;
use crate::report::Report;

/// What is wanted of a doctor.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Options {
    /// For programs: a JSON object with checks, errors, warnings and mended
    #[arg(long)]
    json: bool,
    /// Mend what is safe to mend: what says "--fix does this"
    #[arg(long)]
    fix: bool,
    /// Only these checks; several with commas, or the option again
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// Name all checks, and look at nothing
    #[arg(long)]
    list: bool,
}

/// Which checks are wanted.
#[derive(Debug, Clone)]
pub struct Wanted(Vec<String>);

impl Wanted {
    /// Whether the check of this name is.
    pub fn has(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|wanted| wanted == name)
    }
}

const USAGE: u8 = 2;

impl Options {
    /// Whether programs read the answer.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Looks with `look`, mends and prints as the flags say. `known` are the names and titles of all checks.
    ///
    /// The exit code is 0 where nothing is broken, warnings or not; 1 where something is, 2 where a name is none.
    pub fn run(&self, known: &[(&str, &str)], look: impl Fn(&Wanted) -> Report) -> ExitCode {
        if let Some(stranger) = self.only.iter().find(|name| known.iter().all(|(known, _)| known != *name)) {
            return usage(stranger, known);
        }
        if self.list {
            let widest = known.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
            print(&known.iter().map(|(name, title)| format!("{name:<widest$}  {title}\n")).collect::<String>());
            return ExitCode::SUCCESS;
        }
        let mut report = look(&Wanted(self.only.clone()));
        let mut mended = Vec::new();
        if self.fix {
            let (lines, names) = report.mend();
            mended = lines;
            if !names.is_empty() {
                report.replace(look(&Wanted(names.into_iter().map(str::to_owned).collect())));
            }
        }
        print(&if self.json {
            format!("{:#}\n", report.json(&mended))
        } else {
            mended.iter().map(|line| format!("{line}\n")).collect::<String>() + &report.text()
        });
        if report.count(Severity::Error) > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

fn usage(stranger: &str, known: &[(&str, &str)]) -> ExitCode {
    let likeness = |name: &str| strsim::normalized_damerau_levenshtein(stranger, name);
    let nearest = known.iter().map(|(name, _)| *name).max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    let guess = nearest.filter(|name| likeness(name) >= 0.5).map_or("--list names all".to_owned(), |name| format!("did you mean {name}?"));
    // With the terminal gone there is nobody left to tell.
    let _ = writeln!(std::io::stderr(), "error: there is no check {stranger:?}\nhint: {guess}");
    ExitCode::from(USAGE)
}

/// A pager that was closed early is no failure.
fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}
