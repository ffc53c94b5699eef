//! What another program says of itself: `application/health+json`, after draft-inadarei-api-health-check.

use serde::Deserialize;

use crate::reading::Facts;

/// A text from the net is no longer than this, in characters.
const OUTPUT_MAX: usize = 2000;

#[derive(Deserialize)]
struct Document {
    status: String,
    /// Ours: tells unknown from warn.
    #[serde(default)]
    state: Option<String>,
    /// One cause to a line.
    #[serde(default)]
    output: Option<String>,
}

/// `facts` with what the document at `url` says: the words of the draft, and the synonyms that it allows.
pub(crate) fn told(facts: Facts, url: &str, body: &[u8]) -> Facts {
    let document: Document = match serde_json::from_slice(body) {
        Ok(document) => document,
        Err(error) => return facts.failing(format!("{url} does not tell how it is: {error}")),
    };
    let word = document.state.as_deref().unwrap_or(&document.status).to_owned();
    let said: String = document.output.unwrap_or_default().chars().take(OUTPUT_MAX).collect();
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    let whole = if lines.is_empty() { format!("{url} says {word}") } else { format!("{url} says {word}: {}", lines.join("; ")) };
    match document.status.to_ascii_lowercase().as_str() {
        "pass" | "ok" | "up" => facts,
        "warn" => facts.warning(whole),
        "fail" | "error" | "down" => facts.failing(whole),
        other => facts.failing(format!("{url} does not tell how it is: {other:?} is none of pass, warn and fail")),
    }
}
