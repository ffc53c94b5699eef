//! All that was seen, for people and for programs.

use std::fmt::Write as _;

use owo_colors::{AnsiColors, OwoColorize, Stream};
use serde_json::{Value, json};

use crate::check::Outcome;
use crate::finding::{Finding, Severity};

/// What came of one check.
#[derive(Debug)]
pub struct Entry {
    /// The name of the check.
    pub name: &'static str,
    /// What is as it should be, in a few words.
    pub title: &'static str,
    /// What came of it.
    pub outcome: Outcome,
}

impl Entry {
    /// How bad the worst finding is.
    pub fn worst(&self) -> Option<Severity> {
        match &self.outcome {
            Outcome::Seen(seen) => seen.worst(),
            Outcome::Skipped(_) => None,
        }
    }

    fn findings(&self) -> &[Finding] {
        match &self.outcome {
            Outcome::Seen(seen) => &seen.findings,
            Outcome::Skipped(_) => &[],
        }
    }

    fn word(&self) -> &'static str {
        match (&self.outcome, self.worst()) {
            (Outcome::Skipped(_), _) => "skipped",
            (Outcome::Seen(_), None) => "fine",
            (Outcome::Seen(_), Some(severity)) => severity.word(),
        }
    }

    fn says(&self) -> &str {
        match &self.outcome {
            Outcome::Seen(seen) => &seen.says,
            Outcome::Skipped(why) => why,
        }
    }
}

/// What came of all checks, in the order in which people should read it.
#[derive(Debug, Default)]
pub struct Report {
    /// One for each check.
    pub entries: Vec<Entry>,
    /// What holds of all commands, for people who read some; a sentence without a full stop, or nothing.
    pub note: &'static str,
}

impl Report {
    /// With what holds of all its commands.
    #[must_use]
    pub fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }

    /// With what else was seen.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.entries.extend(other.entries);
        self
    }

    /// How many findings are so bad.
    pub fn count(&self, severity: Severity) -> usize {
        self.entries.iter().flat_map(Entry::findings).filter(|finding| finding.severity == severity).count()
    }

    /// Mends everything that is safe to mend. Gives one line for each attempt, and the names of the checks to look at again.
    pub fn mend(&mut self) -> (Vec<String>, Vec<&'static str>) {
        let (mut lines, mut names) = (Vec::new(), Vec::new());
        for entry in &mut self.entries {
            let Outcome::Seen(seen) = &mut entry.outcome else { continue };
            for finding in &mut seen.findings {
                let Some(act) = finding.act.take() else { continue };
                lines.push(match act() {
                    Ok(()) => format!("{}: mended: {}", entry.name, finding.command),
                    Err(error) => format!("{}: not mended: {}: {error}", entry.name, finding.command),
                });
                if !names.contains(&entry.name) {
                    names.push(entry.name);
                }
            }
        }
        (lines, names)
    }

    /// Puts newer entries in the place of those of the same name.
    pub fn replace(&mut self, newer: Self) {
        for newer in newer.entries {
            if let Some(entry) = self.entries.iter_mut().find(|entry| entry.name == newer.name) {
                *entry = newer;
            }
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let widest = self.entries.iter().map(|entry| entry.name.len()).max().unwrap_or_default();
        let mut text = String::new();
        for entry in &self.entries {
            let word = coloured(&format!("{:<7}", entry.word()), colour(entry));
            // Writing to a string does not fail.
            let _ = writeln!(text, "{word}  {:<widest$}  {}", entry.name, entry.says());
            for finding in entry.findings() {
                text.push_str(&told(finding));
            }
        }
        let (errors, warnings) = (self.count(Severity::Error), self.count(Severity::Warning));
        let skipped = self.entries.iter().filter(|entry| matches!(entry.outcome, Outcome::Skipped(_))).count();
        let _ = writeln!(text, "\n{errors} errors, {warnings} warnings, {} checks, {skipped} skipped", self.entries.len());
        if !self.note.is_empty() && errors + warnings > 0 {
            let _ = writeln!(text, "{}", self.note);
        }
        text
    }

    /// For programs: an object with `checks`, `errors`, `warnings` and `mended`.
    pub fn json(&self, mended: &[String]) -> Value {
        let finding = |finding: &Finding| {
            json!({
                "severity": finding.severity.word(),
                "seen": finding.seen,
                "why": finding.why,
                "advice": finding.advice,
                "command": finding.command,
                "safe": finding.is_safe(),
            })
        };
        let entry = |entry: &Entry| {
            json!({
                "name": entry.name,
                "title": entry.title,
                "status": entry.word(),
                "says": entry.says(),
                "findings": entry.findings().iter().map(finding).collect::<Vec<_>>(),
            })
        };
        json!({
            "checks": self.entries.iter().map(entry).collect::<Vec<_>>(),
            "errors": self.count(Severity::Error),
            "warnings": self.count(Severity::Warning),
            "mended": mended,
        })
    }
}

fn told(finding: &Finding) -> String {
    let mut text = format!("    {}: {}\n", finding.severity.word(), finding.seen);
    let _ = writeln!(text, "      why: {}", finding.why);
    if !finding.advice.is_empty() {
        let _ = writeln!(text, "      do:  {}", finding.advice);
    }
    for line in finding.command.lines() {
        let _ = writeln!(text, "          {line}");
    }
    if finding.is_safe() {
        text.push_str("      --fix does this\n");
    }
    text
}

fn colour(entry: &Entry) -> AnsiColors {
    match (&entry.outcome, entry.worst()) {
        (Outcome::Skipped(_), _) => AnsiColors::BrightBlack,
        (_, None) => AnsiColors::Green,
        (_, Some(Severity::Warning)) => AnsiColors::Yellow,
        (_, Some(Severity::Error)) => AnsiColors::Red,
    }
}

fn coloured(text: &str, colour: AnsiColors) -> String {
    text.if_supports_color(Stream::Stdout, |text| text.color(colour)).to_string()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::check::Seen;

    fn report() -> Report {
        let broken =
            Finding::error("/srv/data is not there", "Nothing can be saved.").command("install -d -m 0700 /srv/data").safe(|| Ok(()));
        let failing =
            Finding::warning("it is old", "It may break.").advice("Wait for a new one.").command("renew").safe(|| Err("no network".into()));
        let entry = |name, outcome| Entry { name, title: "Things are well", outcome };
        Report {
            entries: vec![
                entry("one", Seen::saying("all is well").into()),
                entry("folders", Seen::saying("2 folders").with(broken).with(failing).into()),
                entry("mail", Outcome::skipped("no mail server is set")),
            ],
            note: "Read the manual first",
        }
    }

    #[test]
    fn people_read_what_why_and_how() {
        owo_colors::set_override(false);
        expect![[r"
            fine     one      all is well
            error    folders  2 folders
                error: /srv/data is not there
                  why: Nothing can be saved.
                      install -d -m 0700 /srv/data
                  --fix does this
                warning: it is old
                  why: It may break.
                  do:  Wait for a new one.
                      renew
                  --fix does this
            skipped  mail     no mail server is set

            1 errors, 1 warnings, 3 checks, 1 skipped
            Read the manual first
        "]]
        .assert_eq(&report().text());
    }

    #[test]
    fn what_is_mended_is_looked_at_again() {
        let mut report = report();
        let (lines, names) = report.mend();
        assert_eq!(lines, ["folders: mended: install -d -m 0700 /srv/data", "folders: not mended: renew: no network"]);
        assert_eq!(names, ["folders"]);
        assert!(report.mend().0.is_empty(), "once is enough");
        let folders = Entry { name: "folders", title: "", outcome: Seen::saying("3 folders").into() };
        report.replace(Report { entries: vec![folders], note: "" });
        assert_eq!((report.count(Severity::Error), report.json(&lines)["mended"][0].as_str().is_some()), (0, true));
    }
}
